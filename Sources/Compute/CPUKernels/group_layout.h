// Where the parts of a packed group are, by form.
//
// After the scales and minimums come the planes of the integers' bits, those that the form has, in this order. Byte
// 4 feature + i of a 64-byte row belongs to column i of a quad (4 consecutive columns):
//
//     4 bits: row j of 4 has quad j in its low and quad j + 4 in its high nibbles
//     2 bits: row j / 4 of 2 has quad j in its bits 2 (j % 4) and 2 (j % 4) + 1
//     1 bit:  the only row has quad j in its bit j
//
// Five bits are four and, above them, one; six are four and two; three are two and one. Signed bytes are rows of a quad
// each.
//
// Forms of K-quants have 8 groups (256 columns) together, all parts aligned to 64 bytes:
//
//     half super_scales[16], super_minimums[16] (negative, of those that have them)
//     8 groups of int8 scales[subgroups][16], minimums[16] (of those that have them)
//     8 groups of integers
//
// Scales and minimums are the products, which are exact in single precision.

#ifndef GROUP_LAYOUT_H
#define GROUP_LAYOUT_H

#include "include/matmul_kernels.h"

#define INLINE static inline __attribute__((always_inline))

// The values of the 4-bit codes of IQ4_NL and IQ4_XS.
static const int8_t iq4_values[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

// The values of 4-bit floats (E2M1), twice as large.
static const int8_t e2m1_values[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

// Scales per group and feature.
INLINE int form_subgroups(PackedForm form) {
    return form == PACKED_U2_16 || form == PACKED_U3S_16 || form == PACKED_U6K_16 ? 2 : 1;
}

INLINE int form_has_minimums(PackedForm form) {
    return form == PACKED_U4_32 || form == PACKED_U4K_32 || form == PACKED_U2_16 || form == PACKED_U5_32 ||
           form == PACKED_U5K_32;
}

// Whether scales are integers times a number that 8 groups have in common.
INLINE int form_has_super_scales(PackedForm form) {
    return form == PACKED_U4K_32 || form == PACKED_U5K_32 || form == PACKED_U6K_16;
}

// What symmetric forms subtract from the stored integer.
INLINE int form_offset(PackedForm form) {
    switch (form) {
    case PACKED_U4S_32: return 8;
    case PACKED_U3S_16: return 4;
    case PACKED_U5S_32: return 16;
    case PACKED_U6K_16: return 32;
    default: return 0;
    }
}

// Whether integers are signed bytes, stored or by a table; otherwise they are unsigned, of at most 6 bits.
INLINE int form_is_signed(PackedForm form) {
    return form == PACKED_S8_32 || form == PACKED_C4_32 || form == PACKED_E2M1;
}

// The table of forms whose integers are codes.
INLINE const int8_t *form_values(PackedForm form) {
    return form == PACKED_C4_32 ? iq4_values : form == PACKED_E2M1 ? e2m1_values : 0;
}

INLINE int form_bits(PackedForm form) {
    switch (form) {
    case PACKED_U2_16: return 2;
    case PACKED_U3S_16: return 3;
    case PACKED_U5_32:
    case PACKED_U5K_32:
    case PACKED_U5S_32: return 5;
    case PACKED_U6K_16: return 6;
    case PACKED_S8_32: return 8;
    default: return 4;
    }
}

INLINE int form_has_two_bit_plane(PackedForm form) {
    return form_bits(form) == 2 || form_bits(form) == 3 || form_bits(form) == 6;
}

INLINE int form_has_one_bit_plane(PackedForm form) { return form_bits(form) == 3 || form_bits(form) == 5; }

// The bits that the two-bit plane's and the one-bit plane's bits have in the integer.
INLINE int form_two_bits_shift(PackedForm form) { return form_bits(form) == 6 ? 4 : 0; }
INLINE int form_one_bit_shift(PackedForm form) { return form_bits(form) == 5 ? 4 : 2; }

// Bytes of the planes of a group's integers.
INLINE size_t form_integer_bytes(PackedForm form) { return 64 * (size_t)form_bits(form); }

// Where the planes start in the integers.
INLINE size_t form_two_bits_at(PackedForm form) { return form_bits(form) >= 4 ? 256 : 0; }
INLINE size_t form_one_bit_at(PackedForm form) { return form_bits(form) == 3 ? 128 : 256; }

// Bytes of the scales in front of a group of floats: float[16], 2^8 times as large as they mean.
INLINE size_t form_float_scale_bytes(PackedForm form) { return form == PACKED_E4M3 ? 64 : 0; }

// Groups that have super scales in common, and bytes of these and their own scales.
enum { SUPER_GROUPS = 8, SUPER_SCALE_BYTES = 64, SUPER_HEADER_BYTES = SUPER_SCALE_BYTES + SUPER_GROUPS * 32 };

// Where the parts of one group are.
typedef struct PackedGroup {
    const uint8_t *super_scales;  // where the form has them
    const uint8_t *scales;        // minimums follow
    const uint8_t *integers;
} PackedGroup;

// Group `g` of a tile.
INLINE PackedGroup packed_group(PackedForm form, const uint8_t *tile, int g) {
    if (form_has_super_scales(form)) {
        size_t in_super = (size_t)(g % SUPER_GROUPS);
        const uint8_t *super = tile + (size_t)(g / SUPER_GROUPS) * SUPER_GROUPS * packed_group_bytes(form);
        return (PackedGroup){super, super + SUPER_SCALE_BYTES + in_super * 32,
                             super + SUPER_HEADER_BYTES + in_super * form_integer_bytes(form)};
    }
    const uint8_t *group = tile + (size_t)g * packed_group_bytes(form);
    return (PackedGroup){0, group, group + (size_t)form_subgroups(form) * (form_has_minimums(form) ? 64 : 32)};
}

// Asks for memory some groups ahead of group `g`, a group's worth of lines each time: what the hardware's own prefetching
// doesn't reach in time at the end of pages and at the start of tiles.
INLINE void prefetch_group(PackedForm form, const uint8_t *tile, int g) {
    enum { AHEAD = 2048 };
    const uint8_t *first = tile + (size_t)g * packed_group_bytes(form) + AHEAD;
    for (size_t line = 0; line < packed_group_bytes(form); line += 64) __builtin_prefetch(first + line);
}

#endif
