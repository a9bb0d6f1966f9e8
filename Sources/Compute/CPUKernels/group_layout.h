// Where the parts of a packed group are, by form.

#ifndef GROUP_LAYOUT_H
#define GROUP_LAYOUT_H

#include "include/matmul_kernels.h"

#define INLINE static inline __attribute__((always_inline))

// Scales per group and feature.
INLINE int form_subgroups(PackedForm form) {
    return form == PACKED_U4_16 || form == PACKED_U4S_16 || form == PACKED_U6S_16 ? 2 : 1;
}

INLINE int form_has_minimums(PackedForm form) {
    return form == PACKED_U4_32 || form == PACKED_U4_16 || form == PACKED_U5_32;
}

// What symmetric forms subtract from the stored integer.
INLINE int form_offset(PackedForm form) {
    switch (form) {
    case PACKED_U4S_32: return 8;
    case PACKED_U4S_16: return 4;
    case PACKED_U5S_32: return 16;
    case PACKED_U6S_16: return 32;
    default: return 0;
    }
}

// Whether integers are signed bytes; otherwise they are unsigned, of at most 6 bits.
INLINE int form_is_signed(PackedForm form) { return form == PACKED_S8_32; }

INLINE int form_bits(PackedForm form) {
    switch (form) {
    case PACKED_U5_32:
    case PACKED_U5S_32: return 5;
    case PACKED_U6S_16: return 6;
    case PACKED_S8_32: return 8;
    default: return 4;
    }
}

INLINE size_t form_minimums_at(PackedForm form) { return (size_t)form_subgroups(form) * 32; }

// Low four bits: byte 64 j + 4 feature + i holds quad j in its low and quad j + 4 in its high nibble; or signed bytes.
INLINE size_t form_integers_at(PackedForm form) {
    return (size_t)form_subgroups(form) * (form_has_minimums(form) ? 64 : 32);
}

// Fifth bits: bit j of byte 4 feature + i belongs to quad j. Fifth and sixth bits: bits 2 (j % 4) and 2 (j % 4) + 1 of
// byte 64 (j / 4) + 4 feature + i belong to quad j.
INLINE size_t form_high_bits_at(PackedForm form) { return form_integers_at(form) + 256; }

#endif
