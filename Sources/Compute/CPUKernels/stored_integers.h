// Reads groups of 32 weights out of formats that keep integers, scales and zero points apart: AWQ, GPTQ, compressed
// tensors, MXFP4 of safetensors.

#ifndef STORED_INTEGERS_H
#define STORED_INTEGERS_H

#include "stored_group.h"

INLINE float number_at(uint32_t type, const uint8_t *at) {
    float number;
    uint16_t half;
    switch (type) {
    case TYPE_F32: memcpy(&number, at, 4); return number;
    case TYPE_E8M0: return float_from_e8m0(*at);
    case TYPE_E4M3: return float_from_e4m3(*at);
    default: memcpy(&half, at, 2); return type == TYPE_F16 ? float_from_half(half) : float_from_bf16(half);
    }
}

// The scale of a row in the `group`th block of columns.
INLINE float scale_at(const ScaleGrid *scales, size_t row, size_t group) {
    if (!scales->numbers) return 1;
    size_t at = row / scales->rows_per_scale * scales->row_stride + group * scales->column_stride;
    return number_at(scales->type, scales->numbers + at);
}

// Where in a word the integers of consecutive rows are, in AWQ's order.
static const uint8_t awq_places[8] = {0, 4, 1, 5, 2, 6, 3, 7};

INLINE int zero_point_at(const StoredLayout *layout, size_t row, size_t group) {
    const ZeroGrid *zeros = &layout->zeros;
    if (!zeros->words) return 1 << (layout->bits - 1);
    size_t per_word = 32 / (size_t)layout->bits, place = row % per_word;
    if (layout->words_hold_rows) place = awq_places[place % 8];
    uint32_t word = word_at(zeros->words + row / per_word * zeros->row_stride + group * zeros->group_stride);
    return (int)((word >> layout->bits * (int)place) + (uint32_t)zeros->added) & ((1 << layout->bits) - 1);
}

// The block of columns that a column's scale and zero point are of.
INLINE size_t column_group(const StoredLayout *layout, int column) {
    if (layout->column_groups) return (size_t)layout->column_groups[column];
    return (size_t)column / layout->scales.columns_per_scale;
}

// The integers of 32 columns: those of 8 bits less 128.
INLINE void read_integers(const StoredLayout *layout, const int bits, StoredRow row, int first, int8_t *integers) {
    const int per_word = 32 / bits, mask = (1 << bits) - 1;
    const int flipped = layout->is_signed == (bits == 8) ? 0 : 1 << (bits - 1);
    if (layout->words_hold_rows) {
        int shift = 4 * awq_places[row.index % 8];
        for (int i = 0; i < MATMUL_GROUP; i++) {
            uint32_t word = word_at(row.numbers + (size_t)(first + i) * layout->column_stride);
            integers[i] = (int8_t)(word >> shift & 15);
        }
        return;
    }
    for (int i = 0; i < MATMUL_GROUP; i += per_word) {
        uint32_t word = word_at(row.numbers + (size_t)((first + i) / per_word) * layout->column_stride);
        for (int k = 0; k < per_word; k++) {
            integers[i + k] = (int8_t)((int)(word >> bits * k & (uint32_t)mask) ^ flipped);
        }
    }
}

// Reads 32 columns that have a scale and a zero point in common.
INLINE void read_integer_group(const StoredLayout *layout, const int bits, StoredRow row, int first,
                               StoredGroup *group) {
    size_t block = column_group(layout, first);
    read_integers(layout, bits, row, first, group->integers);
    group->offset = zero_point_at(layout, row.index, block) - (bits == 8 ? 128 : 0);
    group->values = 0;
    group->minimums[0] = group->minimums[1] = 0;
    group->scales[0] = group->scales[1] = scale_at(&layout->scales, row.index, block);
}

INLINE void read_e2m1_group(const StoredLayout *layout, StoredRow row, int first, StoredGroup *group) {
    for (int i = 0; i < MATMUL_GROUP / 2; i++) {
        uint8_t codes = row.numbers[(size_t)(first / 2 + i) * layout->column_stride];
        group->integers[2 * i] = codes & 15;
        group->integers[2 * i + 1] = (int8_t)(codes >> 4);
    }
    group->offset = 0;
    group->values = e2m1_values;
    group->minimums[0] = group->minimums[1] = 0;
    float scale = scale_at(&layout->scales, row.index, column_group(layout, first));
    group->scales[0] = group->scales[1] = scale * 0.5f;
}

#endif
