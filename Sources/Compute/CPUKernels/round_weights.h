// Floats to integers and their scale, better than by rounding to nearest: the scale (and minimum) that makes the sum of
// squared errors least, each weighed by the importance of its column, is looked for among some (as AWQ, arXiv 2306.00978,
// and ggml's importance matrices do), and least squares give the best for the integers found.

#ifndef ROUND_WEIGHTS_H
#define ROUND_WEIGHTS_H

#include "group_layout.h"
#include "half.h"

// Four floats of a register: sums have one order on every machine.
typedef float Lanes __attribute__((vector_size(16)));

enum { LANES = 4, MOST_SHARED_COLUMNS = 128 };

// The numbers that share a scale, and how much their errors weigh.
typedef struct SharedGroup {
    Lanes numbers[MOST_SHARED_COLUMNS / LANES];
    Lanes weights[MOST_SHARED_COLUMNS / LANES];
    int count;  // of lanes
    float least, largest;
} SharedGroup;

// A scale and minimum, and the error with them.
typedef struct Grid {
    float scale, minimum, error;
} Grid;

INLINE Lanes all_lanes(float x) { return (Lanes){x, x, x, x}; }

INLINE float lane_sum(Lanes x) { return (x[0] + x[2]) + (x[1] + x[3]); }

// To nearest, ties to even, of numbers that are clamped to low ... high, which is within 2^22.
INLINE Lanes round_lanes(Lanes x, float low, float high) {
    const Lanes shift = all_lanes(0x1.8p23f);
    x = __builtin_elementwise_min(__builtin_elementwise_max(x, all_lanes(low)), all_lanes(high));
    return (x + shift) - shift;
}

// The integers of numbers on a grid.
INLINE Lanes grid_integers(Lanes numbers, float inverse, float minimum, float low, float high) {
    return round_lanes((numbers - all_lanes(minimum)) * all_lanes(inverse), low, high);
}

INLINE float inverse_of(float scale) {
    float inverse = scale != 0 ? 1 / scale : 0;
    return inverse >= -0x1p120f && inverse <= 0x1p120f ? inverse : 0;
}

// The weighted error of numbers that are rounded to a grid.
INLINE float grid_error(const SharedGroup *group, float scale, float minimum, float low, float high) {
    Lanes sum = all_lanes(0);
    float inverse = inverse_of(scale);
    for (int i = 0; i < group->count; i++) {
        Lanes integers = grid_integers(group->numbers[i], inverse, minimum, low, high);
        Lanes error = group->numbers[i] - (all_lanes(scale) * integers + all_lanes(minimum));
        sum += group->weights[i] * error * error;
    }
    return lane_sum(sum);
}

// The least-squares scale and minimum for the integers that a grid gives; leaves the grid where they don't say any.
INLINE void fit_grid(const SharedGroup *group, float high, float *scale, float *minimum) {
    Lanes sums[5] = {all_lanes(0), all_lanes(0), all_lanes(0), all_lanes(0), all_lanes(0)};
    float inverse = inverse_of(*scale);
    for (int i = 0; i < group->count; i++) {
        Lanes weights = group->weights[i], numbers = group->numbers[i];
        Lanes integers = grid_integers(numbers, inverse, *minimum, 0, high);
        Lanes weighted = weights * integers;
        sums[0] += weights;
        sums[1] += weighted;
        sums[2] += weighted * integers;
        sums[3] += weights * numbers;
        sums[4] += weighted * numbers;
    }
    float w = lane_sum(sums[0]), wq = lane_sum(sums[1]), wqq = lane_sum(sums[2]);
    float wx = lane_sum(sums[3]), wqx = lane_sum(sums[4]);
    float determinant = w * wqq - wq * wq;
    if (!(determinant > 0)) return;
    float fitted_scale = (w * wqx - wq * wx) / determinant, fitted_minimum = (wqq * wx - wq * wqx) / determinant;
    if (!(fitted_scale > 0) || !(fitted_scale < 65504) || !(fitted_minimum > -65504) || !(fitted_minimum < 65504)) return;
    *scale = fitted_scale;
    *minimum = fitted_minimum;
}

// A grid of integers from 0 to `high`, with a minimum.
INLINE Grid best_grid(const SharedGroup *group, float high) {
    float range = group->largest - group->least;
    // What rounding to nearest does: nothing may be worse.
    Grid best = {rounded_to_half(range / high), rounded_to_half(group->least), 0};
    best.error = grid_error(group, best.scale, best.minimum, 0, high);
    for (int step = 0; step < 14 && range > 0; step++) {
        // From a little wider than the numbers to two thirds: a few large ones are cut for the sake of the others.
        float width = range * (1.04f - 0.028f * (float)step);
        float scale = width / high, minimum = group->least + (range - width) * 0.5f;
        fit_grid(group, high, &scale, &minimum);
        fit_grid(group, high, &scale, &minimum);
        scale = rounded_to_half(scale);
        minimum = rounded_to_half(minimum);
        float error = grid_error(group, scale, minimum, 0, high);
        if (error < best.error) best = (Grid){scale, minimum, error};
    }
    return best;
}

// A grid of integers from -high to high without a minimum.
INLINE Grid best_symmetric_grid(const SharedGroup *group, float high) {
    float largest = group->largest > -group->least ? group->largest : -group->least;
    Grid best = {rounded_to_half(largest / high), 0, 0};
    best.error = grid_error(group, best.scale, 0, -high, high);
    for (int step = 0; step < 8; step++) {
        float scale = rounded_to_half(largest / (high + 0.5f - 0.25f * (float)step));
        float error = grid_error(group, scale, 0, -high, high);
        if (error < best.error) best = (Grid){scale, 0, error};
    }
    return best;
}

#endif
