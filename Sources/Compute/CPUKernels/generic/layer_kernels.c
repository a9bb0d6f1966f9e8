// The portable twin of the layer kernels: the plainest code that keeps the same laws. Tests compare the others with it.

// The same bits on every machine: no sum is fused with a product but where `fmaf` says so.
#pragma STDC FP_CONTRACT OFF

#include "../hadamard.h"
#include "../half.h"
#include "../include/layer_kernels.h"

#include <math.h>
#include <string.h>

// exp(x) for x <= 88, exactly 1 at 0 and exactly 0 below -87 and for NaN; see templates/exponential.h.
static float exponential(float x) {
    if (!(x >= -87.0f)) return 0;
    float n = rintf(x * 1.44269504088896341f);
    float r = x - n * 0.693359375f;
    r = r - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + (r + 1.0f);
    uint32_t bits = (uint32_t)((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

static float rounded_to_bf16(float value) { return float_from_bf16(bf16_from_float(value)); }

static uint16_t clamped_bf16(float value) {
    const float largest = 0x1.fep127f;
    return bf16_from_float(value > largest ? largest : value < -largest ? -largest : value);
}

static void rms_norm(const float *x, const float *weight, float epsilon, int n, float *y) {
    float sums[8] = {0};
    for (int i = 0; i < n; i++) sums[i % 8] += x[i] * x[i];
    float sum = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    float factor = 1.0f / sqrtf(sum / (float)n + epsilon);
    for (int i = 0; i < n; i++) y[i] = x[i] * factor * weight[i];
}

static void add(const float *x, int n, float *y) {
    for (int i = 0; i < n; i++) y[i] += x[i];
}

static void scale(const float *x, float factor, int n, float *y) {
    for (int i = 0; i < n; i++) y[i] = x[i] * factor;
}

static float silu(float x, float argument) { return x / (1.0f + exponential(-argument < 88.0f ? -argument : 88.0f)); }

static void silu_multiply(const float *gate, const float *up, int n, float *out) {
    for (int i = 0; i < n; i++) out[i] = silu(gate[i], gate[i]) * up[i];
}

static void gelu_multiply(const float *gate, const float *up, int n, float *out) {
    for (int i = 0; i < n; i++) {
        float x = gate[i], inner = x + 0.044715f * (x * x * x);
        out[i] = silu(x, 2 * 0.79788456080286535588f * inner) * up[i];
    }
}

static void rotate_halves(float *x, const float *cosines, const float *sines, int half) {
    for (int i = 0; i < half; i++) {
        float a = x[i], b = x[half + i];
        x[i] = a * cosines[i] - b * sines[i];
        x[half + i] = b * cosines[i] + a * sines[i];
    }
}

static void rotate_pairs(float *x, const float *cosines, const float *sines, int half) {
    for (int i = 0; i < half; i++) {
        float a = x[2 * i], b = x[2 * i + 1];
        x[2 * i] = a * cosines[i] - b * sines[i];
        x[2 * i + 1] = b * cosines[i] + a * sines[i];
    }
}

static size_t tile_index(int head_dim, int is_value, int token, int d) {
    return is_value ? cache_value_index(head_dim, d, token) : cache_key_index(d, token);
}

// The scale of a group of dimensions.
static uint16_t *tile_scale(uint8_t *tile, int head_dim, int is_value, int token, int group) {
    uint16_t *scales = (uint16_t *)(tile + 2 * ATTENTION_TILE * head_dim);
    return scales + ((is_value ? (int)cache_scale_groups(head_dim) : 0) + group) * ATTENTION_TILE + token;
}

static void quantize_head(const float *x, int head_dim, int is_value, int token, uint8_t *tile) {
    for (int start = 0; start < head_dim; start += CACHE_SCALE_GROUP) {
        int count = head_dim - start < CACHE_SCALE_GROUP ? head_dim - start : CACHE_SCALE_GROUP;
        float group[CACHE_SCALE_GROUP], largest = 0;
        memcpy(group, x + start, sizeof(float) * (size_t)count);
        hadamard_rotate(group, count);
        for (int i = 0; i < count; i++) largest = fmaxf(largest, fabsf(group[i]));
        uint16_t half = half_from_float(fminf(largest / 127.0f, 65504.0f));
        float scale = float_from_half(half), inverse = scale > 0 ? 1.0f / scale : 0;
        *tile_scale(tile, head_dim, is_value, token, start / CACHE_SCALE_GROUP) = half;
        for (int i = 0; i < count; i++) {
            float integer = fmaxf(fminf(group[i] * inverse, 127), -127);
            ((int8_t *)tile)[tile_index(head_dim, is_value, token, start + i)] = (int8_t)nearbyintf(integer);
        }
    }
}

static void store_key_value(
    CacheType type, const float *key, const float *value, int head_dim, int column, uint8_t *tile) {
    if (type == CACHE_INT8) {
        quantize_head(key, head_dim, 0, column, tile);
        quantize_head(value, head_dim, 1, column, tile);
        return;
    }
    for (int d = 0; d < head_dim; d++) {
        ((uint16_t *)tile)[cache_key_index(d, column)] = clamped_bf16(key[d]);
        ((uint16_t *)tile)[cache_value_index(head_dim, d, column)] = clamped_bf16(value[d]);
    }
}

// The number that a tile stores, without its scale.
static float stored(const AttentionTask *task, const uint8_t *tile, int is_value, int token, int d) {
    size_t index = tile_index(task->head_dim, is_value, token, d);
    if (task->cache_type == CACHE_INT8) return ((const int8_t *)tile)[index];
    return float_from_bf16(((const uint16_t *)tile)[index]);
}

static float scale_of(const AttentionTask *task, uint8_t *tile, int is_value, int token, int d) {
    if (task->cache_type != CACHE_INT8) return 1;
    return float_from_half(*tile_scale(tile, task->head_dim, is_value, token, d / CACHE_SCALE_GROUP));
}

// One row's share of one segment: its maximum, the sum of its weights and the weighted values.
static void attend_row(
    const AttentionTask *task, int row, int segment, float *maximum, float *sum, float *values, float *query) {
    int dim = task->head_dim, position = task->position + row / task->group;
    const float *given =
        task->queries + (size_t)(row / task->group) * task->query_stride + (size_t)(row % task->group) * dim;
    memcpy(query, given, sizeof(float) * (size_t)dim);
    if (task->cache_type == CACHE_INT8) hadamard_rotate(query, dim);
    *maximum = -INFINITY;
    *sum = 0;
    memset(values, 0, sizeof(float) * (size_t)dim);
    int first = segment * ATTENTION_SEGMENT, last = first + ATTENTION_SEGMENT - 1;
    if (task->window && position - task->window + 1 > first) first = position - task->window + 1;
    if (position < last) last = position;
    for (int start = first / ATTENTION_TILE * ATTENTION_TILE; start <= last; start += ATTENTION_TILE) {
        int tile = start / ATTENTION_TILE;
        uint8_t *memory = (uint8_t *)task->cache +
                          (size_t)task->blocks[tile / task->tiles_per_block] * task->block_stride +
                          (size_t)(tile % task->tiles_per_block) * cache_tile_bytes(task->cache_type, dim);
        int low = first > start ? first - start : 0;
        int high = last - start + 1 < ATTENTION_TILE ? last - start + 1 : ATTENTION_TILE;
        float scores[ATTENTION_TILE], highest = *maximum;
        for (int t = low; t < high; t++) {
            float score = 0;
            for (int d = 0; d < dim; d++) score += rounded_to_bf16(query[d]) * stored(task, memory, 0, t, d) * scale_of(task, memory, 0, t, d);
            scores[t] = score;
            if (score > highest) highest = score;
        }
        if (highest > *maximum) {
            float factor = *maximum > -INFINITY ? exponential(*maximum - highest) : 1;
            *sum *= factor;
            for (int d = 0; d < dim; d++) values[d] *= factor;
            *maximum = highest;
        }
        for (int t = low; t < high; t++) {
            float weight = rounded_to_bf16(exponential(scores[t] - *maximum));
            *sum += weight;
            for (int d = 0; d < dim; d++) {
                float scaled = rounded_to_bf16(weight * scale_of(task, memory, 1, t, d));
                values[d] += scaled * stored(task, memory, 1, t, d);
            }
        }
    }
}

static void merge_row(
    float maximum, float sum, const float *values, int dim, float *total_maximum, float *total_sum, float *total) {
    if (!(maximum > -INFINITY)) return;
    if (!(*total_maximum > -INFINITY)) {
        *total_maximum = maximum;
        *total_sum = sum;
        memcpy(total, values, sizeof(float) * (size_t)dim);
        return;
    }
    float highest = maximum > *total_maximum ? maximum : *total_maximum;
    float a = exponential(*total_maximum - highest), b = exponential(maximum - highest);
    *total_sum = *total_sum * a + sum * b;
    *total_maximum = highest;
    for (int d = 0; d < dim; d++) total[d] = total[d] * a + values[d] * b;
}

static float *output_row(const AttentionTask *task, int row) {
    return task->output + (size_t)(row / task->group) * task->output_stride +
           (size_t)(row % task->group) * (size_t)task->head_dim;
}

static void attend(const AttentionTask *task, float *scratch) {
    int dim = task->head_dim;
    for (int row = 0; row < task->tokens * task->group; row++) {
        float *total = output_row(task, row), total_maximum = -INFINITY, total_sum = 0, maximum, sum;
        int segments = (task->position + row / task->group) / ATTENTION_SEGMENT + 1;
        for (int segment = 0; segment < segments; segment++) {
            attend_row(task, row, segment, &maximum, &sum, scratch, scratch + dim);
            merge_row(maximum, sum, scratch, dim, &total_maximum, &total_sum, total);
        }
        for (int d = 0; d < dim; d++) total[d] /= total_sum;
        if (task->cache_type == CACHE_INT8) hadamard_rotate(total, dim);
    }
}

static void attend_segments(
    const AttentionTask *task, int first, int last, float *partials, float *scratch) {
    int rows = task->tokens * task->group;
    for (int segment = first; segment < last; segment++) {
        for (int row = 0; row < rows; row++) {
            float *partial = partials + ((size_t)segment * rows + row) * attention_partial_floats(task->head_dim);
            attend_row(task, row, segment, partial, partial + 1, partial + 2, scratch);
        }
    }
}

static void merge_segments(const AttentionTask *task, int first, int last, const float *partials) {
    int rows = task->tokens * task->group, dim = task->head_dim;
    for (int row = 0; row < rows; row++) {
        float *total = output_row(task, row), total_maximum = -INFINITY, total_sum = 0;
        for (int segment = first; segment < last; segment++) {
            const float *partial = partials + ((size_t)segment * rows + row) * attention_partial_floats(dim);
            merge_row(partial[0], partial[1], partial + 2, dim, &total_maximum, &total_sum, total);
        }
        for (int d = 0; d < dim; d++) total[d] /= total_sum;
        if (task->cache_type == CACHE_INT8) hadamard_rotate(total, dim);
    }
}

#define KERNEL(name) name
#include "../templates/logits.h"
#include "../templates/layer_table.h"

const LayerKernels layer_kernels_generic = LAYER_KERNEL_TABLE("generic");
