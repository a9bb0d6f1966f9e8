// Packed tiles back to floats.

#include <string.h>

#include "group_layout.h"
#include "half.h"
#include "include/stored_layout.h"
#include "packed_numbers.h"

// One form at a time, so that the compiler leaves out the rest. The same operations as in `expand_group`.
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

INLINE void unpack_floats(PackedForm form, const uint8_t *tile, int feature, int columns, float *out) {
    for (int i = 0; i < columns; i++) {
        const uint8_t *group = tile + (size_t)(i / MATMUL_GROUP) * packed_group_bytes(form);
        out[i] = group_float(form, group, feature, i % MATMUL_GROUP);
        if (form_float_scale_bytes(form)) out[i] *= ((const float *)group)[feature];
    }
}

int unpack_row(PackedForm form, const uint8_t *tile, int feature, int columns, float *out) {
#define UNPACK(FORM) \
    case FORM: unpack_integers(FORM, tile, feature, columns, out); return 1;
#define UNPACK_FLOATS(FORM) \
    case FORM: unpack_floats(FORM, tile, feature, columns, out); return 1;
    switch (form) {
        UNPACK(PACKED_U4_32)
        UNPACK(PACKED_U4K_32)
        UNPACK(PACKED_U4S_32)
        UNPACK(PACKED_C4_32)
        UNPACK(PACKED_E2M1)
        UNPACK(PACKED_U5_32)
        UNPACK(PACKED_U5K_32)
        UNPACK(PACKED_U5S_32)
        UNPACK(PACKED_U6K_16)
        UNPACK(PACKED_S8_32)
        UNPACK_FLOATS(PACKED_F32)
        UNPACK_FLOATS(PACKED_F16)
        UNPACK_FLOATS(PACKED_E4M3)
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
#undef UNPACK_FLOATS
}

int packs_exactly(uint32_t type) {
    switch (type) {
    case TYPE_Q2_K:
    case TYPE_Q3_K:
    case TYPE_IQ4_XS:
    case TYPE_MXFP4:
    case TYPE_E2M1: return 0;
    default: return packed_form_of_type(type) != PACKED_FORM_COUNT;
    }
}
