// Reads groups of 32 weights of any format as floats.

#ifndef STORED_NUMBERS_H
#define STORED_NUMBERS_H

#include "stored_blocks.h"
#include "stored_integers.h"

INLINE void expand_floats(uint32_t type, const StoredLayout *layout, StoredRow row, int first, float *out) {
    for (int i = 0; i < MATMUL_GROUP; i++) {
        out[i] = number_at(type, row.numbers + (size_t)(first + i) * layout->column_stride);
    }
    if (type != TYPE_E4M3) return;
    for (int i = 0; i < MATMUL_GROUP; i++) {
        out[i] *= scale_at(&layout->scales, row.index, column_group(layout, first + i));
    }
}

// Columns in any order: each has its own scale and zero point.
INLINE void expand_integers(const StoredLayout *layout, StoredRow row, int first, float *out) {
    int8_t integers[MATMUL_GROUP];
    read_integers(layout, layout->bits, row, first, integers);
    for (int i = 0; i < MATMUL_GROUP; i++) {
        size_t block = column_group(layout, first + i);
        int zero = zero_point_at(layout, row.index, block) - (layout->bits == 8 ? 128 : 0);
        out[i] = scale_at(&layout->scales, row.index, block) * (float)(integers[i] - zero);
    }
}

// Expands the 32 columns from `first` on.
INLINE void expand_stored_group(const StoredLayout *layout, StoredRow row, int first, float *out) {
    StoredGroup group;
    switch (layout->type) {
    case TYPE_F32: expand_floats(TYPE_F32, layout, row, first, out); return;
    case TYPE_F16: expand_floats(TYPE_F16, layout, row, first, out); return;
    case TYPE_BF16: expand_floats(TYPE_BF16, layout, row, first, out); return;
    case TYPE_E4M3: expand_floats(TYPE_E4M3, layout, row, first, out); return;
    case TYPE_INTEGERS: expand_integers(layout, row, first, out); return;
    case TYPE_E2M1: read_e2m1_group(layout, row, first, &group); break;
    default:
        if (!read_block_group(layout->type, row.numbers, first / MATMUL_GROUP, &group)) return;
    }
    expand_group(&group, out);
}

#endif
