// Reads groups of 32 weights out of GGUF's block formats (ggml's quantization types).

#ifndef STORED_BLOCKS_H
#define STORED_BLOCKS_H

#include "stored_group.h"

static inline void set_scales(StoredGroup *group, float first, float second) {
    group->scales[0] = first;
    group->scales[1] = second;
}

// The 6-bit scale and minimum of group `j` of a Q4_K or Q5_K block.
static inline void six_bit_scale(const uint8_t *scales, int j, int *scale, int *minimum) {
    if (j < 4) {
        *scale = scales[j] & 63;
        *minimum = scales[j + 4] & 63;
    } else {
        *scale = (scales[j + 4] & 15) | (scales[j - 4] >> 6) << 4;
        *minimum = scales[j + 4] >> 4 | (scales[j] >> 6) << 4;
    }
}

static inline void read_q4_halves(const uint8_t *nibbles, StoredGroup *group) {
    for (int i = 0; i < 16; i++) {
        group->integers[i] = nibbles[i] & 15;
        group->integers[i + 16] = (int8_t)(nibbles[i] >> 4);
    }
}

static inline void add_fifth_bits(const uint8_t *bits, StoredGroup *group) {
    uint32_t mask;
    memcpy(&mask, bits, 4);
    for (int i = 0; i < 32; i++) group->integers[i] |= (int8_t)((mask >> i & 1) << 4);
}

// The four formats with 32-wide blocks and 4 or 5 bits.
static inline void read_small_block(uint32_t type, const uint8_t *block, StoredGroup *group) {
    int has_minimum = type == TYPE_Q4_1 || type == TYPE_Q5_1, has_fifth = type == TYPE_Q5_0 || type == TYPE_Q5_1;
    const uint8_t *at = block + (has_minimum ? 4 : 2);
    read_q4_halves(at + (has_fifth ? 4 : 0), group);
    if (has_fifth) add_fifth_bits(at, group);
    set_scales(group, half_at(block), half_at(block));
    if (has_minimum) {
        group->minimums[0] = group->minimums[1] = half_at(block + 2);
    } else {
        group->offset = has_fifth ? 16 : 8;
    }
}

static inline void read_q2_k(const uint8_t *block, int g, StoredGroup *group) {
    const uint8_t *bits = block + 16 + 32 * (g / 4);
    float scale = half_at(block + 80), minimum = half_at(block + 82);
    for (int i = 0; i < 32; i++) group->integers[i] = bits[i] >> 2 * (g % 4) & 3;
    for (int s = 0; s < 2; s++) {
        group->scales[s] = scale * (float)(block[2 * g + s] & 15);
        group->minimums[s] = -(minimum * (float)(block[2 * g + s] >> 4));
    }
}

static inline void read_q3_k(const uint8_t *block, int g, StoredGroup *group) {
    const uint8_t *high = block, *bits = block + 32 + 32 * (g / 4), *scales = block + 96;
    float scale = half_at(block + 108);
    for (int i = 0; i < 32; i++) {
        group->integers[i] = (int8_t)((bits[i] >> 2 * (g % 4) & 3) | (high[i] >> g & 1) << 2);
    }
    for (int s = 0; s < 2; s++) {
        int i = 2 * g + s;
        int low = i < 8 ? scales[i] & 15 : scales[i - 8] >> 4;
        group->scales[s] = scale * (float)((low | (scales[8 + i % 4] >> 2 * (i / 4) & 3) << 4) - 32);
    }
    group->offset = 4;
}

// Q4_K and, with fifth bits in front of the nibbles, Q5_K.
static inline void read_q4_k(const uint8_t *block, const uint8_t *fifth, const uint8_t *nibbles, int g,
                             StoredGroup *group) {
    int scale, minimum;
    six_bit_scale(block + 4, g, &scale, &minimum);
    for (int i = 0; i < 32; i++) {
        int value = nibbles[32 * (g / 2) + i] >> 4 * (g % 2) & 15;
        if (fifth) value |= (fifth[i] >> g & 1) << 4;
        group->integers[i] = (int8_t)value;
    }
    float scaled = half_at(block) * (float)scale, lowered = half_at(block + 2) * (float)minimum;
    set_scales(group, scaled, scaled);
    group->minimums[0] = group->minimums[1] = -lowered;
    memcpy(&group->super_scale, block, 2);
    memcpy(&group->super_minimum, block + 2, 2);
    group->scale_integers[0] = (int8_t)scale;
    group->minimum_integer = (int8_t)minimum;
}

static inline void read_q6_k(const uint8_t *block, int g, StoredGroup *group) {
    int n = g / 4, j = g % 4;
    const uint8_t *low = block + 64 * n + 32 * (j & 1), *high = block + 128 + 32 * n;
    const int8_t *scales = (const int8_t *)block + 192 + 8 * n + 2 * j;
    float scale = half_at(block + 208);
    for (int i = 0; i < 32; i++) {
        group->integers[i] = (int8_t)((low[i] >> 4 * (j >> 1) & 15) | (high[i] >> 2 * j & 3) << 4);
    }
    set_scales(group, scale * (float)scales[0], scale * (float)scales[1]);
    group->offset = 32;
    memcpy(&group->super_scale, block + 208, 2);
    memcpy(group->scale_integers, scales, 2);
}

static inline void read_codes(const uint8_t *nibbles, const int8_t *values, float scale, StoredGroup *group) {
    read_q4_halves(nibbles, group);
    group->values = values;
    set_scales(group, scale, scale);
}

static inline void read_iq4_xs(const uint8_t *block, int g, StoredGroup *group) {
    uint16_t high;
    memcpy(&high, block + 2, 2);
    int scale = (block[4 + g / 2] >> 4 * (g % 2) & 15) | (high >> 2 * g & 3) << 4;
    read_codes(block + 8 + 16 * g, iq4_values, half_at(block) * (float)(scale - 32), group);
}

// Reads group `g` (columns 32 g ...) of a row of a block format; returns 0 for other types.
INLINE int read_block_group(uint32_t type, const uint8_t *row, int g, StoredGroup *group) {
    group->minimums[0] = group->minimums[1] = 0;
    group->offset = 0;
    group->values = 0;
    int in_block = g % 8;
    size_t super = (size_t)(g / 8);
    switch (type) {
    case TYPE_Q4_0: read_small_block(type, row + (size_t)g * 18, group); return 1;
    case TYPE_Q4_1: read_small_block(type, row + (size_t)g * 20, group); return 1;
    case TYPE_Q5_0: read_small_block(type, row + (size_t)g * 22, group); return 1;
    case TYPE_Q5_1: read_small_block(type, row + (size_t)g * 24, group); return 1;
    case TYPE_Q8_0:
        memcpy(group->integers, row + (size_t)g * 34 + 2, 32);
        set_scales(group, half_at(row + (size_t)g * 34), half_at(row + (size_t)g * 34));
        return 1;
    case TYPE_Q2_K: read_q2_k(row + super * 84, in_block, group); return 1;
    case TYPE_Q3_K: read_q3_k(row + super * 110, in_block, group); return 1;
    case TYPE_Q4_K:
        row += super * 144;
        read_q4_k(row, 0, row + 16, in_block, group);
        return 1;
    case TYPE_Q5_K:
        row += super * 176;
        read_q4_k(row, row + 16, row + 48, in_block, group);
        return 1;
    case TYPE_Q6_K: read_q6_k(row + super * 210, in_block, group); return 1;
    case TYPE_IQ4_NL:
        row += (size_t)g * 18;
        read_codes(row + 2, iq4_values, half_at(row), group);
        return 1;
    case TYPE_MXFP4:
        row += (size_t)g * 17;
        read_codes(row + 1, e2m1_values, float_from_e8m0(row[0]) * 0.5f, group);
        return 1;
    case TYPE_IQ4_XS: read_iq4_xs(row + super * 136, in_block, group); return 1;
    default: return 0;
    }
}

#endif
