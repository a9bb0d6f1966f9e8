// Stored weights to packed tiles, and stored rows to floats.

#include <string.h>

#include "group_layout.h"
#include "half.h"
#include "include/stored_layout.h"
#include "pack_rounded.h"
#include "packed_writer.h"
#include "stored_numbers.h"

PackedForm packed_form_of_type(uint32_t type) {
    switch (type) {
    case TYPE_F32: return PACKED_F32;
    case TYPE_F16: return PACKED_F16;
    case TYPE_BF16: return PACKED_BF16;
    case TYPE_Q4_0: return PACKED_U4S_32;
    case TYPE_Q4_1: return PACKED_U4_32;
    case TYPE_Q4_K: return PACKED_U4K_32;
    case TYPE_Q5_0: return PACKED_U5S_32;
    case TYPE_Q5_1: return PACKED_U5_32;
    case TYPE_Q5_K: return PACKED_U5K_32;
    case TYPE_Q2_K: return PACKED_U2_16;
    case TYPE_Q3_K: return PACKED_U3S_16;
    case TYPE_Q6_K: return PACKED_U6K_16;
    case TYPE_IQ4_NL:
    case TYPE_IQ4_XS: return PACKED_C4_32;
    case TYPE_Q8_0: return PACKED_S8_32;
    case TYPE_E2M1:
    case TYPE_MXFP4: return PACKED_E2M1;
    case TYPE_E4M3: return PACKED_E4M3;
    default: return PACKED_FORM_COUNT;
    }
}

// Whether every group of 32 columns has one scale.
static int columns_are_ordered(const StoredLayout *layout, size_t columns) {
    for (size_t i = 0; layout->column_groups && i < columns; i++) {
        if (layout->column_groups[i] != layout->column_groups[i & ~(size_t)(MATMUL_GROUP - 1)]) return 0;
    }
    return 1;
}

static int zeros_are_middles(const StoredLayout *layout, size_t rows, size_t groups) {
    for (size_t row = 0; layout->zeros.words && row < rows; row++) {
        for (size_t group = 0; group < groups; group++) {
            if (zero_point_at(layout, row, group) != 1 << (layout->bits - 1)) return 0;
        }
    }
    return 1;
}

PackedForm packed_form_of_layout(const StoredLayout *layout, size_t rows, size_t columns) {
    if (layout->type != TYPE_INTEGERS) return packed_form_of_type(layout->type);
    if (!columns_are_ordered(layout, columns)) return PACKED_FORM_COUNT;
    size_t groups = (columns + layout->scales.columns_per_scale - 1) / layout->scales.columns_per_scale;
    int is_symmetric = zeros_are_middles(layout, rows, groups);
    if (layout->bits == 8) return is_symmetric ? PACKED_S8_32 : PACKED_F16;
    return is_symmetric ? PACKED_U4S_32 : PACKED_U4_32;
}

int scales_fit(const ScaleGrid *scales, size_t rows, size_t columns) {
    if (!scales->numbers) return 1;
    size_t below = (rows + scales->rows_per_scale - 1) / scales->rows_per_scale;
    size_t beside = (columns + scales->columns_per_scale - 1) / scales->columns_per_scale;
    for (size_t row = 0; row < below; row++) {
        for (size_t group = 0; group < beside; group++) {
            // Not a number isn't in the range either.
            float scale = scale_at(scales, row * scales->rows_per_scale, group);
            if (!(scale >= -65504 && scale <= 65504)) return 0;
        }
    }
    return 1;
}

// One form and type at a time, so that the compiler leaves out the rest.
INLINE void pack_blocks(PackedForm form, uint32_t type, const PackTask *task, uint8_t *tile) {
    const int before = task->first_column / MATMUL_GROUP;
    for (int feature = 0; feature < task->features; feature++) {
        for (int g = 0; g < task->columns / MATMUL_GROUP; g++) {
            PackedGroup group = packed_group(form, tile, g);
            StoredGroup stored;
            read_block_group(type, task->rows[feature].numbers, before + g, &stored);
            pack_scales(form, &stored, feature, group);
            pack_integers(form, &stored, feature, group);
        }
    }
}

// Zero points of forms that have minimums instead become these, rounded to half precision: by at most 15 / 4096 of a
// step between two integers.
INLINE int pack_integer_groups(PackedForm form, const int bits, const PackTask *task, uint8_t *tile) {
    int is_finite = 1;
    for (int feature = 0; feature < task->features; feature++) {
        for (int g = 0; g < task->columns / MATMUL_GROUP; g++) {
            PackedGroup group = packed_group(form, tile, g);
            StoredGroup stored;
            int first = task->first_column + MATMUL_GROUP * g;
            if (form == PACKED_E2M1) {
                read_e2m1_group(task->layout, task->rows[feature], first, &stored);
            } else {
                read_integer_group(task->layout, bits, task->rows[feature], first, &stored);
            }
            if (form_has_minimums(form)) {
                float scale = rounded_to_half(stored.scales[0]);
                stored.minimums[0] = -(scale * (float)stored.offset);
            }
            is_finite &= pack_scales(form, &stored, feature, group);
            pack_integers(form, &stored, feature, group);
        }
    }
    return is_finite;
}

// Transposes in blocks of columns that stay in the cache.
INLINE void pack_floats(size_t size, size_t stride, const PackTask *task, uint8_t *tile) {
    for (int first = 0; first < task->columns; first += MATMUL_GROUP) {
        for (int feature = 0; feature < task->features; feature++) {
            const uint8_t *from = task->rows[feature].numbers + (size_t)task->first_column * stride;
            for (int column = first; column < first + MATMUL_GROUP; column++) {
                memcpy(tile + ((size_t)column * 16 + (size_t)feature) * size, from + (size_t)column * stride, size);
            }
        }
    }
}

// Pairs of columns side by side. Subnormal numbers become zero, which is what the instructions take them for.
INLINE void pack_bf16(size_t stride, const PackTask *task, uint8_t *tile) {
    for (int first = 0; first < task->columns; first += MATMUL_GROUP) {
        for (int feature = 0; feature < task->features; feature++) {
            const uint8_t *from = task->rows[feature].numbers + (size_t)task->first_column * stride;
            for (int column = first; column < first + MATMUL_GROUP; column++) {
                uint16_t bits;
                memcpy(&bits, from + (size_t)column * stride, 2);
                if ((bits & 0x7F80) == 0) bits &= 0x8000;
                memcpy(tile + ((size_t)(column & ~1) * 16 + 2 * (size_t)feature + (size_t)(column & 1)) * 2, &bits, 2);
            }
        }
    }
}

static int pack_e4m3(const PackTask *task, uint8_t *tile) {
    const StoredLayout *layout = task->layout;
    for (int first = 0; first < task->columns; first += MATMUL_GROUP, tile += packed_group_bytes(PACKED_E4M3)) {
        for (int feature = 0; feature < task->features; feature++) {
            StoredRow row = task->rows[feature];
            for (int i = 0; i < MATMUL_GROUP; i++) {
                size_t column = (size_t)(task->first_column + first + i);
                uint8_t code = row.numbers[column * layout->column_stride];
                if ((code & 0x7F) == 0x7F) return 0;
                tile[form_float_scale_bytes(PACKED_E4M3) + (size_t)(16 * i + feature)] = code;
            }
            size_t block = column_group(layout, task->first_column + first);
            ((float *)tile)[feature] = scale_at(&layout->scales, row.index, block) * 0x1p8f;
        }
    }
    return 1;
}

// A stride that the compiler knows, of rows whose numbers follow each other, makes the usual case quick.
static void pack_plain_floats(size_t size, const PackTask *task, uint8_t *tile) {
    size_t stride = task->layout->column_stride;
    if (size == 4 && stride == 4) pack_floats(4, 4, task, tile);
    else if (size == 4) pack_floats(4, stride, task, tile);
    else if (stride == 2) pack_floats(2, 2, task, tile);
    else pack_floats(2, stride, task, tile);
}

static int pack_integer_tile(const PackTask *task, uint8_t *tile) {
    switch (task->form) {
    case PACKED_S8_32: return pack_integer_groups(PACKED_S8_32, 8, task, tile);
    case PACKED_U4S_32: return pack_integer_groups(PACKED_U4S_32, 4, task, tile);
    case PACKED_U4_32: return pack_integer_groups(PACKED_U4_32, 4, task, tile);
    default: return 0;
    }
}

int pack_tile(const PackTask *task, uint8_t *tile) {
    memset(tile, 0, packed_group_bytes(task->form) * (size_t)(task->columns / MATMUL_GROUP));
    if (task->rounding) return pack_rounded_tile(task, tile);
#define PACK(TYPE)                                                  \
    case TYPE:                                                      \
        pack_blocks(packed_form_of_type(TYPE), TYPE, task, tile); \
        return 1;
    switch (task->layout->type) {
        PACK(TYPE_Q4_0)
        PACK(TYPE_Q4_1)
        PACK(TYPE_Q5_0)
        PACK(TYPE_Q5_1)
        PACK(TYPE_Q8_0)
        PACK(TYPE_Q2_K)
        PACK(TYPE_Q3_K)
        PACK(TYPE_Q4_K)
        PACK(TYPE_Q5_K)
        PACK(TYPE_Q6_K)
        PACK(TYPE_IQ4_NL)
        PACK(TYPE_IQ4_XS)
        PACK(TYPE_MXFP4)
    case TYPE_BF16:
        if (task->layout->column_stride == 2) pack_bf16(2, task, tile);
        else pack_bf16(task->layout->column_stride, task, tile);
        return 1;
    case TYPE_F32: pack_plain_floats(4, task, tile); return 1;
    case TYPE_F16: pack_plain_floats(2, task, tile); return 1;
    case TYPE_E4M3: return pack_e4m3(task, tile);
    case TYPE_E2M1: return pack_integer_groups(PACKED_E2M1, 4, task, tile);
    case TYPE_INTEGERS: return pack_integer_tile(task, tile);
    default: return 0;
    }
#undef PACK
}

void expand_stored_row(const StoredLayout *layout, StoredRow row, int first_column, int columns, float *out) {
    for (int first = 0; first < columns; first += MATMUL_GROUP) {
        float numbers[MATMUL_GROUP];
        // A vector may end within a group, of floats alone.
        int count = columns - first < MATMUL_GROUP ? columns - first : MATMUL_GROUP;
        if (count < MATMUL_GROUP) {
            for (int i = 0; i < count; i++) {
                size_t at = (size_t)(first_column + first + i) * layout->column_stride;
                out[first + i] = number_at(layout->type, row.numbers + at);
            }
            return;
        }
        expand_stored_group(layout, row, first_column + first, numbers);
        memcpy(out + first, numbers, sizeof(numbers));
    }
}
