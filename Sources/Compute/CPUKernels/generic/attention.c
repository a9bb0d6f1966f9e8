// Attention in plain C: the plainest code that keeps the laws of `layer_kernels.h`.

// The same bits on every machine: no sum is fused with a product but where `fmaf` says so.
#pragma STDC FP_CONTRACT OFF

#include "../portable_attention.h"

#include "../hadamard.h"
#include "../half.h"
#include "exponential.h"

static float rounded_to_bf16(float value) { return float_from_bf16(bf16_from_float(value)); }

static uint16_t clamped_bf16(float value) {
    const float largest = 0x1.fep127f;
    return bf16_from_float(value > largest ? largest : value < -largest ? -largest : value);
}

// Where the numbers of a tile's scales start.
static uint16_t *scales_of(uint8_t *tile, HeadShape head) {
    return (uint16_t *)(tile + ATTENTION_TILE * ((size_t)head.keys + stored_values(head)));
}

// The scale of a group of dimensions.
static uint16_t *tile_scale(uint8_t *tile, HeadShape head, int is_value, int token, int group) {
    size_t before = is_value && !head.values_are_keys ? cache_scale_groups((size_t)head.keys) : 0;
    return scales_of(tile, head) + (before + (size_t)group) * ATTENTION_TILE + token;
}

// Where a token has a dimension, in elements.
static size_t tile_index(HeadShape head, int is_value, int token, int d) {
    return is_value && !head.values_are_keys ? cache_value_index(head, d, token) : cache_key_index(d, token);
}

static void quantize_head(const float *x, int width, HeadShape head, int is_value, int token, uint8_t *tile) {
    for (int start = 0; start < width; start += CACHE_SCALE_GROUP) {
        int count = width - start < CACHE_SCALE_GROUP ? width - start : CACHE_SCALE_GROUP;
        float group[CACHE_SCALE_GROUP], largest = 0;
        memcpy(group, x + start, sizeof(float) * (size_t)count);
        hadamard_rotate(group, count);
        for (int i = 0; i < count; i++) largest = fmaxf(largest, fabsf(group[i]));
        uint16_t half = half_from_float(fminf(largest / 127.0f, 65504.0f));
        float scale = float_from_half(half), inverse = scale > 0 ? 1.0f / scale : 0;
        *tile_scale(tile, head, is_value, token, start / CACHE_SCALE_GROUP) = half;
        for (int i = 0; i < count; i++) {
            float integer = fmaxf(fminf(group[i] * inverse, 127), -127);
            ((int8_t *)tile)[tile_index(head, is_value, token, start + i)] = (int8_t)nearbyintf(integer);
        }
    }
}

void store_key_value_portable(
    CacheType type, const float *key, const float *value, HeadShape head, int column, uint8_t *tile) {
    int values = (int)stored_values(head);
    if (type == CACHE_F32) {
        float *keys = (float *)tile, *rows = keys + ATTENTION_TILE * (size_t)head.keys;
        for (int d = 0; d < head.keys; d++) keys[(size_t)d * ATTENTION_TILE + (size_t)column] = key[d];
        for (int d = 0; d < values; d++) rows[(size_t)column * (size_t)values + (size_t)d] = value[d];
        return;
    }
    if (type == CACHE_INT8) {
        quantize_head(key, head.keys, head, 0, column, tile);
        quantize_head(value, values, head, 1, column, tile);
        return;
    }
    for (int d = 0; d < head.keys; d++) ((uint16_t *)tile)[cache_key_index(d, column)] = clamped_bf16(key[d]);
    for (int d = 0; d < values; d++) ((uint16_t *)tile)[cache_value_index(head, d, column)] = clamped_bf16(value[d]);
}

// The number that a tile stores, without its scale.
static float stored(const AttentionTask *task, const uint8_t *tile, int is_value, int token, int d) {
    size_t index = tile_index(task->head, is_value, token, d);
    if (task->cache_type == CACHE_INT8) return ((const int8_t *)tile)[index];
    return float_from_bf16(((const uint16_t *)tile)[index]);
}

static float scale_of(const AttentionTask *task, uint8_t *tile, int is_value, int token, int d) {
    if (task->cache_type != CACHE_INT8) return 1;
    return float_from_half(*tile_scale(tile, task->head, is_value, token, d / CACHE_SCALE_GROUP));
}

// One query's scores of the tokens low ..< high of a tile.
static void score_tile(
    const AttentionTask *task, const float *query, uint8_t *tile, int low, int high, float *scores) {
    int dim = task->head.keys;
    for (int t = 0; t < ATTENTION_TILE; t++) scores[t] = 0;
    if (task->cache_type == CACHE_F32) {
        const float *key = (const float *)tile;
        for (int d = 0; d < dim; d++, key += ATTENTION_TILE) {
            for (int t = 0; t < ATTENTION_TILE; t++) scores[t] += query[d] * key[t];
        }
    } else {
        for (int t = low; t < high; t++) {
            for (int d = 0; d < dim; d++) {
                scores[t] += rounded_to_bf16(query[d]) * stored(task, tile, 0, t, d) * scale_of(task, tile, 0, t, d);
            }
        }
    }
    if (task->softcap == 0) return;
    for (int t = low; t < high; t++) scores[t] = softcapped(scores[t], task->softcap);
}

// Adds the values of one token with their weight.
static void weigh_token(const AttentionTask *task, float weight, uint8_t *tile, int t, float *values) {
    int dim = task->head.values;
    if (task->cache_type == CACHE_F32) {
        const float *keys = (const float *)tile, *rows = keys + ATTENTION_TILE * (size_t)task->head.keys;
        for (int d = 0; d < dim; d++) {
            values[d] += weight * (task->head.values_are_keys ? keys[d * ATTENTION_TILE + t] : rows[t * dim + d]);
        }
        return;
    }
    for (int d = 0; d < dim; d++) {
        values[d] += rounded_to_bf16(weight * scale_of(task, tile, 1, t, d)) * stored(task, tile, 1, t, d);
    }
}

// One row's share of one segment: its maximum, the sum of its weights and the weighted values.
static void attend_row(
    const AttentionTask *task, int row, int segment, float *maximum, float *sum, float *values, float *query) {
    int dim = task->head.values, width = task->head.keys, position = task->position + row / task->group;
    const float *given =
        task->queries + (size_t)(row / task->group) * task->query_stride + (size_t)(row % task->group) * (size_t)width;
    memcpy(query, given, sizeof(float) * (size_t)width);
    if (task->cache_type == CACHE_INT8) hadamard_rotate(query, width);
    *maximum = -INFINITY;
    *sum = 0;
    memset(values, 0, sizeof(float) * (size_t)dim);
    int first = segment * ATTENTION_SEGMENT, last = first + ATTENTION_SEGMENT - 1;
    if (task->window && position - task->window + 1 > first) first = position - task->window + 1;
    int seen = last_seen(task, row / task->group);
    if (seen < last) last = seen;
    for (int start = first / ATTENTION_TILE * ATTENTION_TILE; start <= last; start += ATTENTION_TILE) {
        int tile = start / ATTENTION_TILE;
        uint8_t *memory = (uint8_t *)task->cache +
                          (size_t)task->blocks[tile / task->tiles_per_block] * task->block_stride +
                          (size_t)(tile % task->tiles_per_block) * cache_tile_bytes(task->cache_type, task->head);
        int low = first > start ? first - start : 0;
        int high = last - start + 1 < ATTENTION_TILE ? last - start + 1 : ATTENTION_TILE;
        float scores[ATTENTION_TILE], highest = *maximum;
        score_tile(task, query, memory, low, high, scores);
        for (int t = low; t < high; t++) highest = scores[t] > highest ? scores[t] : highest;
        if (highest > *maximum) {
            float factor = *maximum > -INFINITY ? exponential(*maximum - highest) : 1;
            *sum *= factor;
            for (int d = 0; d < dim; d++) values[d] *= factor;
            *maximum = highest;
        }
        for (int t = low; t < high; t++) {
            float weight = exponential(scores[t] - *maximum);
            if (task->cache_type != CACHE_F32) weight = rounded_to_bf16(weight);
            *sum += weight;
            weigh_token(task, weight, memory, t, values);
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

// Divides by the sum of the row's weights, a sink's among them.
static void finish_row(const AttentionTask *task, int row, float maximum, float sum, float *total) {
    if (task->sinks) {
        float beyond = task->sinks[row % task->group] - maximum;
        sum += exponential(beyond < 88.0f ? beyond : 88.0f);
    }
    for (int d = 0; d < task->head.values; d++) total[d] /= sum;
    if (task->cache_type == CACHE_INT8) hadamard_rotate(total, task->head.values);
}

static float *output_row(const AttentionTask *task, int row) {
    return task->output + (size_t)(row / task->group) * task->output_stride +
           (size_t)(row % task->group) * (size_t)task->head.values;
}

void attend_portable(const AttentionTask *task, float *scratch) {
    int dim = task->head.values;
    for (int row = 0; row < task->tokens * task->group; row++) {
        float *total = output_row(task, row), total_maximum = -INFINITY, total_sum = 0, maximum, sum;
        int segments = last_seen(task, row / task->group) / ATTENTION_SEGMENT + 1;
        for (int segment = 0; segment < segments; segment++) {
            attend_row(task, row, segment, &maximum, &sum, scratch, scratch + dim);
            merge_row(maximum, sum, scratch, dim, &total_maximum, &total_sum, total);
        }
        finish_row(task, row, total_maximum, total_sum, total);
    }
}

void attend_segments_portable(
    const AttentionTask *task, int first, int last, float *partials, float *scratch) {
    int rows = task->tokens * task->group;
    for (int segment = first; segment < last; segment++) {
        for (int row = 0; row < rows; row++) {
            float *partial = partials + ((size_t)segment * rows + row) * attention_partial_floats(task->head);
            attend_row(task, row, segment, partial, partial + 1, partial + 2, scratch);
        }
    }
}

void merge_segments_portable(const AttentionTask *task, int first, int last, const float *partials) {
    int rows = task->tokens * task->group, dim = task->head.values;
    for (int row = 0; row < rows; row++) {
        float *total = output_row(task, row), total_maximum = -INFINITY, total_sum = 0;
        for (int segment = first; segment < last; segment++) {
            const float *partial = partials + ((size_t)segment * rows + row) * attention_partial_floats(task->head);
            merge_row(partial[0], partial[1], partial + 2, dim, &total_maximum, &total_sum, total);
        }
        finish_row(task, row, total_maximum, total_sum, total);
    }
}
