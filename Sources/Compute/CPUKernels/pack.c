// Stored weights to packed tiles, and stored rows to floats.

#include <string.h>

#include "group_layout.h"
#include "half.h"
#include "include/matmul_kernels.h"
#include "stored_groups.h"

PackedForm packed_form_of_type(uint32_t type) {
    switch (type) {
    case TYPE_F32: return PACKED_F32;
    case TYPE_F16: return PACKED_F16;
    case TYPE_BF16: return PACKED_BF16;
    case TYPE_Q4_0: return PACKED_U4S_32;
    case TYPE_Q4_1:
    case TYPE_Q4_K: return PACKED_U4_32;
    case TYPE_Q5_0: return PACKED_U5S_32;
    case TYPE_Q5_1:
    case TYPE_Q5_K: return PACKED_U5_32;
    case TYPE_Q2_K: return PACKED_U4_16;
    case TYPE_Q3_K: return PACKED_U4S_16;
    case TYPE_Q6_K: return PACKED_U6S_16;
    case TYPE_Q8_0:
    case TYPE_IQ4_NL:
    case TYPE_IQ4_XS: return PACKED_S8_32;
    default: return PACKED_FORM_COUNT;
    }
}

// Writes one feature's share of a group.
static void pack_group(PackedForm form, const StoredGroup *stored, int feature, uint8_t *group) {
    uint16_t half;
    for (int s = 0; s < form_subgroups(form); s++) {
        half = half_from_float(stored->scales[s]);
        memcpy(group + 32 * s + 2 * feature, &half, 2);
        if (form_has_minimums(form)) {
            half = half_from_float(stored->minimums[s]);
            memcpy(group + form_minimums_at(form) + (size_t)(32 * s + 2 * feature), &half, 2);
        }
    }
    uint8_t *integers = group + form_integers_at(form), *high = group + form_high_bits_at(form);
    for (int column = 0; column < MATMUL_GROUP; column++) {
        int quad = column / 4, at = 4 * feature + column % 4, value = stored->integers[column];
        if (form == PACKED_S8_32) {
            integers[64 * quad + at] = (uint8_t)value;
            continue;
        }
        integers[64 * (quad & 3) + at] |= (uint8_t)((value & 15) << (quad < 4 ? 0 : 4));
        if (form_bits(form) == 5) high[at] |= (uint8_t)((value >> 4) << quad);
        if (form_bits(form) == 6) high[64 * (quad / 4) + at] |= (uint8_t)((value >> 4) << 2 * (quad & 3));
    }
}

static void pack_floats(size_t size, const uint8_t *rows, size_t row_bytes, int features, int columns, uint8_t *tile) {
    for (int feature = 0; feature < features; feature++) {
        const uint8_t *row = rows + (size_t)feature * row_bytes;
        for (int column = 0; column < columns; column++) {
            memcpy(tile + ((size_t)column * 16 + (size_t)feature) * size, row + (size_t)column * size, size);
        }
    }
}

int pack_tile(uint32_t type, const uint8_t *rows, size_t row_bytes, int features, int columns, uint8_t *tile) {
    PackedForm form = packed_form_of_type(type);
    if (form == PACKED_FORM_COUNT) return 0;
    size_t group_bytes = packed_group_bytes(form);
    memset(tile, 0, group_bytes * (size_t)((columns + MATMUL_GROUP - 1) / MATMUL_GROUP));
    if (packed_form_is_float(form)) {
        pack_floats(form == PACKED_F32 ? 4 : 2, rows, row_bytes, features, columns, tile);
        return 1;
    }
    for (int g = 0; g < columns / MATMUL_GROUP; g++) {
        for (int feature = 0; feature < features; feature++) {
            StoredGroup stored;
            read_stored_group(type, rows + (size_t)feature * row_bytes, g, &stored);
            pack_group(form, &stored, feature, tile + (size_t)g * group_bytes);
        }
    }
    return 1;
}

int dequantize_row(uint32_t type, const uint8_t *row, int columns, float *out) {
    switch (type) {
    case TYPE_F32: memcpy(out, row, (size_t)columns * 4); return 1;
    case TYPE_F16:
        for (int i = 0; i < columns; i++) out[i] = half_at(row + 2 * (size_t)i);
        return 1;
    case TYPE_BF16:
        for (int i = 0; i < columns; i++) {
            uint16_t bits;
            memcpy(&bits, row + 2 * (size_t)i, 2);
            out[i] = float_from_bf16(bits);
        }
        return 1;
    default: break;
    }
    for (int g = 0; g < columns / MATMUL_GROUP; g++) {
        StoredGroup stored;
        if (!read_stored_group(type, row, g, &stored)) return 0;
        for (int i = 0; i < MATMUL_GROUP; i++) {
            float scaled = stored.scales[i / 16] * (float)(stored.integers[i] - stored.offset);
            out[32 * (size_t)g + (size_t)i] = scaled + stored.minimums[i / 16];
        }
    }
    return 1;
}
