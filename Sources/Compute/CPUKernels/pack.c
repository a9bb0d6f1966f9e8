// Stored weights to packed tiles, and stored rows to floats.

#include <string.h>

#include "group_layout.h"
#include "half.h"
#include "include/matmul_kernels.h"
#include "packed_numbers.h"
#include "stored_groups.h"

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
    default: return PACKED_FORM_COUNT;
    }
}

// Writes one feature's scales and minimums.
INLINE void pack_scales(PackedForm form, const StoredGroup *stored, int feature, PackedGroup group) {
    uint8_t *scales = (uint8_t *)group.scales, *super_scales = (uint8_t *)group.super_scales;
    if (form_has_super_scales(form)) {
        memcpy(super_scales + 2 * feature, &stored->super_scale, 2);
        for (int s = 0; s < form_subgroups(form); s++) scales[16 * s + feature] = (uint8_t)stored->scale_integers[s];
        if (!form_has_minimums(form)) return;
        uint16_t negative = stored->super_minimum ^ 0x8000;
        memcpy(super_scales + 32 + 2 * feature, &negative, 2);
        scales[16 + feature] = (uint8_t)stored->minimum_integer;
        return;
    }
    for (int s = 0; s < form_subgroups(form); s++) {
        uint8_t *at = scales + 32 * s + 2 * feature;
        uint16_t half = half_from_float(stored->scales[s]);
        memcpy(at, &half, 2);
        if (!form_has_minimums(form)) continue;
        half = half_from_float(stored->minimums[s]);
        memcpy(at + 32 * form_subgroups(form), &half, 2);
    }
}

// Writes one feature's integers into a zeroed group, the four of a quad together in a 32-bit word.
INLINE void pack_integers(PackedForm form, const StoredGroup *stored, int feature, PackedGroup group) {
    uint32_t quads[8], one_bit = 0, two_bits[2] = {0, 0};
    memcpy(quads, stored->integers, 32);
    uint8_t *integers = (uint8_t *)group.integers + 4 * feature;
    if (form_bits(form) == 8) {
        for (int quad = 0; quad < 8; quad++) memcpy(integers + 64 * quad, &quads[quad], 4);
        return;
    }
    for (int quad = 0; quad < 8; quad++) {
        two_bits[quad / 4] |= (quads[quad] >> form_two_bits_shift(form) & 0x03030303) << 2 * (quad & 3);
        one_bit |= (quads[quad] >> form_one_bit_shift(form) & 0x01010101) << quad;
    }
    if (form_bits(form) >= 4) {
        for (int quad = 0; quad < 4; quad++) {
            uint32_t nibbles = (quads[quad] & 0x0F0F0F0F) | (quads[quad + 4] & 0x0F0F0F0F) << 4;
            memcpy(integers + 64 * quad, &nibbles, 4);
        }
    }
    uint8_t *rows = integers + form_two_bits_at(form);
    for (int row = 0; form_has_two_bit_plane(form) && row < 2; row++) memcpy(rows + 64 * row, &two_bits[row], 4);
    if (form_has_one_bit_plane(form)) memcpy(integers + form_one_bit_at(form), &one_bit, 4);
}

// One form and type at a time, so that the compiler leaves out the rest.
INLINE void pack_features(PackedForm form, uint32_t type, const uint8_t *rows, size_t row_bytes, int features,
                          int columns, uint8_t *tile) {
    for (int feature = 0; feature < features; feature++) {
        const uint8_t *row = rows + (size_t)feature * row_bytes;
        for (int g = 0; g < columns / MATMUL_GROUP; g++) {
            PackedGroup group = packed_group(form, tile, g);
            StoredGroup stored;
            read_stored_group(type, row, g, &stored);
            pack_scales(form, &stored, feature, group);
            pack_integers(form, &stored, feature, group);
        }
    }
}

// Transposes in blocks of columns that stay in the cache.
INLINE void pack_floats(size_t size, const uint8_t *rows, size_t row_bytes, int features, int columns, uint8_t *tile) {
    for (int first = 0; first < columns; first += MATMUL_GROUP) {
        for (int feature = 0; feature < features; feature++) {
            const uint8_t *row = rows + (size_t)feature * row_bytes;
            for (int column = first; column < first + MATMUL_GROUP; column++) {
                memcpy(tile + ((size_t)column * 16 + (size_t)feature) * size, row + (size_t)column * size, size);
            }
        }
    }
}

// Pairs of columns side by side. Subnormal numbers become zero, which is what the instructions take them for.
INLINE void pack_bf16(const uint8_t *rows, size_t row_bytes, int features, int columns, uint8_t *tile) {
    for (int first = 0; first < columns; first += MATMUL_GROUP) {
        for (int feature = 0; feature < features; feature++) {
            const uint8_t *row = rows + (size_t)feature * row_bytes;
            for (int column = first; column < first + MATMUL_GROUP; column++) {
                uint16_t bits;
                memcpy(&bits, row + 2 * (size_t)column, 2);
                if ((bits & 0x7F80) == 0) bits &= 0x8000;
                memcpy(tile + ((size_t)(column & ~1) * 16 + 2 * (size_t)feature + (size_t)(column & 1)) * 2, &bits, 2);
            }
        }
    }
}

int pack_tile(uint32_t type, const uint8_t *rows, size_t row_bytes, int features, int columns, uint8_t *tile) {
    PackedForm form = packed_form_of_type(type);
    if (form == PACKED_FORM_COUNT) return 0;
    memset(tile, 0, packed_group_bytes(form) * (size_t)(columns / MATMUL_GROUP));
#define PACK(TYPE)                                                                                         \
    case TYPE:                                                                                             \
        pack_features(packed_form_of_type(TYPE), TYPE, rows, row_bytes, features, columns, tile); \
        return 1;
    switch (type) {
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
    case TYPE_BF16: pack_bf16(rows, row_bytes, features, columns, tile); return 1;
    case TYPE_F32: pack_floats(4, rows, row_bytes, features, columns, tile); return 1;
    default: pack_floats(2, rows, row_bytes, features, columns, tile); return 1;
    }
#undef PACK
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
            int value = stored.is_coded ? iq4_values[stored.integers[i]] : stored.integers[i] - stored.offset;
            float scaled = stored.scales[i / 16] * (float)value;
            out[32 * (size_t)g + (size_t)i] = scaled + stored.minimums[i / 16];
        }
    }
    return 1;
}

// One form at a time, so that the compiler leaves out the rest. The same operations as in `dequantize_row`.
INLINE void unpack_integers(PackedForm form, const uint8_t *tile, int feature, int columns, float *out) {
    int subgroups = form_subgroups(form);
    for (int g = 0; g < columns / MATMUL_GROUP; g++) {
        PackedGroup group = packed_group(form, tile, g);
        for (int s = 0; s < subgroups; s++) {
            float scale = group_scale(form, group, s, feature);
            float minimum = form_has_minimums(form) ? group_scale(form, group, subgroups + s, feature) : 0;
            for (int i = s * MATMUL_GROUP / subgroups; i < (s + 1) * MATMUL_GROUP / subgroups; i++) {
                int value = group_integer(form, group.integers, feature, i) - form_offset(form);
                float scaled = scale * (float)value;
                out[MATMUL_GROUP * (size_t)g + (size_t)i] = scaled + minimum;
            }
        }
    }
}

int unpack_row(PackedForm form, const uint8_t *tile, int feature, int columns, float *out) {
#define UNPACK(FORM) \
    case FORM: unpack_integers(FORM, tile, feature, columns, out); return 1;
    switch (form) {
        UNPACK(PACKED_U4_32)
        UNPACK(PACKED_U4K_32)
        UNPACK(PACKED_U4S_32)
        UNPACK(PACKED_C4_32)
        UNPACK(PACKED_U5_32)
        UNPACK(PACKED_U5K_32)
        UNPACK(PACKED_U5S_32)
        UNPACK(PACKED_U6K_16)
        UNPACK(PACKED_S8_32)
    case PACKED_F32:
        for (size_t i = 0; i < (size_t)columns; i++) memcpy(out + i, tile + 4 * (16 * i + (size_t)feature), 4);
        return 1;
    case PACKED_F16:
        for (size_t i = 0; i < (size_t)columns; i++) out[i] = half_at(tile + 2 * (16 * i + (size_t)feature));
        return 1;
    case PACKED_BF16:
        for (size_t i = 0; i < (size_t)columns; i++) {
            uint16_t bits;
            memcpy(&bits, tile + 2 * ((i & ~(size_t)1) * 16 + 2 * (size_t)feature + (i & 1)), 2);
            out[i] = float_from_bf16(bits);
        }
        return 1;
    default: return 0;
    }
#undef UNPACK
}

int packs_exactly(uint32_t type) {
    switch (type) {
    case TYPE_Q2_K:
    case TYPE_Q3_K:
    case TYPE_IQ4_XS: return 0;
    default: return packed_form_of_type(type) != PACKED_FORM_COUNT;
    }
}
