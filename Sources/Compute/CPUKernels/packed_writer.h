// Writes groups of integers into packed tiles.

#ifndef PACKED_WRITER_H
#define PACKED_WRITER_H

#include "stored_group.h"

INLINE int half_is_finite(uint16_t half) { return (half & 0x7C00) != 0x7C00; }

// Writes one feature's scales and minimums. Returns 0 if one is too large.
INLINE int pack_scales(PackedForm form, const StoredGroup *stored, int feature, PackedGroup group) {
    uint8_t *scales = (uint8_t *)group.scales, *super_scales = (uint8_t *)group.super_scales;
    if (form_has_super_scales(form)) {
        memcpy(super_scales + 2 * feature, &stored->super_scale, 2);
        for (int s = 0; s < form_subgroups(form); s++) scales[16 * s + feature] = (uint8_t)stored->scale_integers[s];
        if (!form_has_minimums(form)) return 1;
        uint16_t negative = stored->super_minimum ^ 0x8000;
        memcpy(super_scales + 32 + 2 * feature, &negative, 2);
        scales[16 + feature] = (uint8_t)stored->minimum_integer;
        return 1;
    }
    int is_finite = 1;
    for (int s = 0; s < form_subgroups(form); s++) {
        uint8_t *at = scales + 32 * s + 2 * feature;
        uint16_t half = half_from_float(stored->scales[s]);
        memcpy(at, &half, 2);
        is_finite &= half_is_finite(half);
        if (!form_has_minimums(form)) continue;
        half = half_from_float(stored->minimums[s]);
        memcpy(at + 32 * form_subgroups(form), &half, 2);
        is_finite &= half_is_finite(half);
    }
    return is_finite;
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

#endif
