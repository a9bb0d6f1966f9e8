// A group of 32 integer weights, whatever its format was.

#ifndef STORED_GROUP_H
#define STORED_GROUP_H

#include <stdint.h>
#include <string.h>

#include "group_layout.h"
#include "half.h"
#include "include/stored_layout.h"

// Weight i is scales[i / 16] * (integers[i] - offset) + minimums[i / 16]; if there are `values`, the integers are codes
// for these. In K-quants that are packed with super scales, scales are super_scale * scale_integers, and minimums
// -super_minimum * minimum_integer.
typedef struct StoredGroup {
    int8_t integers[32];
    float scales[2];
    float minimums[2];
    uint16_t super_scale, super_minimum;
    int8_t scale_integers[2], minimum_integer;
    int offset;
    const int8_t *values;
} StoredGroup;

static inline float half_at(const uint8_t *bytes) {
    uint16_t half;
    memcpy(&half, bytes, 2);
    return float_from_half(half);
}

static inline uint32_t word_at(const uint8_t *bytes) {
    uint32_t word;
    memcpy(&word, bytes, 4);
    return word;
}

INLINE void expand_group(const StoredGroup *group, float *out) {
    for (int i = 0; i < MATMUL_GROUP; i++) {
        int value = group->values ? group->values[group->integers[i]] : group->integers[i] - group->offset;
        float scaled = group->scales[i / 16] * (float)value;
        out[i] = scaled + group->minimums[i / 16];
    }
}

#endif
