// The numbers of a packed group, one at a time.

#ifndef PACKED_NUMBERS_H
#define PACKED_NUMBERS_H

#include <string.h>

#include "group_layout.h"
#include "half.h"

// The integer of one feature and column of a group.
INLINE int group_integer(PackedForm form, const uint8_t *integers, int feature, int column) {
    int quad = column / 4, at = 4 * feature + column % 4, value = 0;
    if (form == PACKED_S8_32) return (int8_t)integers[64 * quad + at];
    if (form_bits(form) >= 4) value = integers[64 * (quad & 3) + at] >> (quad < 4 ? 0 : 4) & 15;
    if (form_values(form)) return form_values(form)[value];
    if (form_has_two_bit_plane(form)) {
        int bits = integers[form_two_bits_at(form) + (size_t)(64 * (quad / 4) + at)] >> 2 * (quad & 3) & 3;
        value |= bits << form_two_bits_shift(form);
    }
    if (form_has_one_bit_plane(form)) {
        value |= (integers[form_one_bit_at(form) + (size_t)at] >> quad & 1) << form_one_bit_shift(form);
    }
    return value;
}

// Number `index` of a feature's scales and then minimums of a group.
INLINE float group_scale(PackedForm form, PackedGroup group, int index, int feature) {
    if (form_has_super_scales(form)) {
        int is_minimum = index >= form_subgroups(form);
        float super_scale = float_from_half(((const uint16_t *)group.super_scales)[16 * is_minimum + feature]);
        return super_scale * (float)((const int8_t *)group.scales)[16 * index + feature];
    }
    return float_from_half(((const uint16_t *)group.scales)[16 * index + feature]);
}

// A float of one feature and column of a group: of 8 bits, without its scale and 2^-8 as large.
INLINE float group_float(PackedForm form, const uint8_t *group, int feature, int column) {
    size_t index = (size_t)(16 * column + feature);
    const uint8_t *numbers = group + form_float_scale_bytes(form);
    float number;
    switch (form) {
    case PACKED_E4M3: return float_from_e4m3_code(numbers[index]);
    case PACKED_F16: return float_from_half(((const uint16_t *)numbers)[index]);
    default: memcpy(&number, numbers + 4 * index, 4); return number;
    }
}

#endif
