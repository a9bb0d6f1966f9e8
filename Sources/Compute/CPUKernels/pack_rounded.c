// Floats, or what integers of several groups stand for, to the integers of a packed form.

// The same bits on every machine: no sum is fused with a product.
#pragma STDC FP_CONTRACT OFF

#include "pack_rounded.h"

#include <math.h>
#include <string.h>

#include "packed_writer.h"
#include "round_weights.h"
#include "stored_numbers.h"

// The largest magnitude of a row's columns; infinite if one isn't a number.
static float largest_of_row(const PackTask *task, StoredRow row) {
    float largest = 0;
    for (int first = 0; first < task->columns; first += MATMUL_GROUP) {
        float numbers[MATMUL_GROUP];
        expand_stored_group(task->layout, row, task->first_column + first, numbers);
        for (int i = 0; i < MATMUL_GROUP; i++) {
            if (!(fabsf(numbers[i]) <= largest)) largest = isnan(numbers[i]) ? INFINITY : fabsf(numbers[i]);
        }
    }
    return largest;
}

// Reads the numbers from column `first` on that share a scale. Returns 0 if one is too large or not a number.
static int read_shared(const PackTask *task, StoredRow row, int first, int columns, SharedGroup *group) {
    float *numbers = (float *)group->numbers;
    group->count = columns / LANES;
    for (int i = 0; i < columns; i += MATMUL_GROUP) {
        expand_stored_group(task->layout, row, task->first_column + first + i, numbers + i);
    }
    group->least = group->largest = numbers[0];
    for (int i = 0; i < columns; i++) {
        if (!(fabsf(numbers[i]) <= 65504)) return 0;
        group->least = fminf(group->least, numbers[i]);
        group->largest = fmaxf(group->largest, numbers[i]);
    }
    float *weights = (float *)group->weights;
    const float *importance = task->rounding->importance;
    for (int i = 0; i < columns; i++) weights[i] = importance ? importance[first + i] : 1;
    return 1;
}

// The largest integer that numbers are rounded to.
INLINE float highest_integer(PackedForm form) {
    return form_has_minimums(form) ? (float)((1 << form_bits(form)) - 1) : 127;
}

// Writes the integers of numbers on a grid to the groups of 32 that share it.
INLINE void write_shared(PackedForm form, const SharedGroup *shared, Grid grid, int feature, uint8_t *tile, int g) {
    const float high = highest_integer(form), low = form_has_minimums(form) ? 0 : -high;
    float inverse = inverse_of(grid.scale);
    for (int first = 0; first < shared->count; first += MATMUL_GROUP / LANES, g++) {
        StoredGroup stored = {.scales = {grid.scale, grid.scale}, .minimums = {grid.minimum, grid.minimum}};
        for (int i = 0; i < MATMUL_GROUP; i++) {
            Lanes integers =
                grid_integers(shared->numbers[first + i / LANES], inverse, grid.minimum, low, high);
            stored.integers[i] = (int8_t)integers[i % LANES];
        }
        PackedGroup group = packed_group(form, tile, g);
        pack_scales(form, &stored, feature, group);
        pack_integers(form, &stored, feature, group);
    }
}

// One form at a time, so that the compiler leaves out the rest.
INLINE int round_integers(PackedForm form, const PackTask *task, int feature, uint8_t *tile) {
    StoredRow row = task->rows[feature];
    const int shared = task->rounding->columns;
    Grid grid = {0, 0, 0};
    if (shared == 0) {
        float largest = largest_of_row(task, row);
        if (!(largest <= 65504)) return 0;
        grid.scale = rounded_to_half(largest / 127);
    }
    const int width = shared ? shared : MATMUL_GROUP;
    for (int first = 0; first < task->columns; first += width) {
        SharedGroup group;
        int columns = task->columns - first < width ? task->columns - first : width;
        if (!read_shared(task, row, first, columns, &group)) return 0;
        const float high = highest_integer(form);
        if (shared) grid = form_has_minimums(form) ? best_grid(&group, high) : best_symmetric_grid(&group, high);
        write_shared(form, &group, grid, feature, tile, first / MATMUL_GROUP);
    }
    return 1;
}

static int round_halves(const PackTask *task, int feature, uint8_t *tile) {
    for (int first = 0; first < task->columns; first += MATMUL_GROUP) {
        float numbers[MATMUL_GROUP];
        expand_stored_group(task->layout, task->rows[feature], task->first_column + first, numbers);
        for (int i = 0; i < MATMUL_GROUP; i++) {
            uint16_t half = half_from_float(numbers[i]);
            if (!half_is_finite(half)) return 0;
            memcpy(tile + 2 * ((size_t)(first + i) * 16 + (size_t)feature), &half, 2);
        }
    }
    return 1;
}

// To 8-bit floats, with a scale for the row that makes its largest number the largest there is, 448.
static int round_e4m3(const PackTask *task, int feature, uint8_t *tile) {
    float largest = largest_of_row(task, task->rows[feature]);
    if (!(largest <= 65504)) return 0;
    float scale = largest / 448, inverse = inverse_of(scale);
    for (int first = 0; first < task->columns; first += MATMUL_GROUP, tile += packed_group_bytes(PACKED_E4M3)) {
        float numbers[MATMUL_GROUP];
        expand_stored_group(task->layout, task->rows[feature], task->first_column + first, numbers);
        ((float *)tile)[feature] = scale * 0x1p8f;
        for (int i = 0; i < MATMUL_GROUP; i++) {
            size_t at = form_float_scale_bytes(PACKED_E4M3) + (size_t)(16 * i + feature);
            tile[at] = e4m3_from_float(numbers[i] * inverse);
        }
    }
    return 1;
}

int pack_rounded_tile(const PackTask *task, uint8_t *tile) {
    for (int feature = 0; feature < task->features; feature++) {
        int is_packed;
        switch (task->form) {
        case PACKED_U4_32: is_packed = round_integers(PACKED_U4_32, task, feature, tile); break;
        case PACKED_U5_32: is_packed = round_integers(PACKED_U5_32, task, feature, tile); break;
        case PACKED_S8_32: is_packed = round_integers(PACKED_S8_32, task, feature, tile); break;
        case PACKED_F16: is_packed = round_halves(task, feature, tile); break;
        case PACKED_E4M3: is_packed = round_e4m3(task, feature, tile); break;
        default: is_packed = 0;
        }
        if (!is_packed) return 0;
    }
    return 1;
}
