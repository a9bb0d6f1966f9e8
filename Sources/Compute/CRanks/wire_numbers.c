#include "include/wire_numbers.h"

#include <string.h>

// Numbers that are added at a time: the sums stay in the first cache.
enum { AT_ONCE = 1024 };

static inline float wide(uint16_t narrow) {
    uint32_t bits = (uint32_t)narrow << 16;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint16_t narrow(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    uint32_t not_a_number = (bits >> 16) | 0x40;
    return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? not_a_number : rounded);
}

void rank_sum_float32(const void *const *parts, int part_count, float *sum, size_t count) {
    float sums[AT_ONCE];
    for (size_t first = 0; first < count; first += AT_ONCE) {
        size_t n = count - first < AT_ONCE ? count - first : AT_ONCE;
        memcpy(sums, (const float *)parts[0] + first, n * sizeof(float));
        for (int part = 1; part < part_count; part++) {
            const float *values = (const float *)parts[part] + first;
            for (size_t i = 0; i < n; i++) sums[i] += values[i];
        }
        memcpy(sum + first, sums, n * sizeof(float));
    }
}

void rank_sum_bfloat16(const void *const *parts, int part_count, float *sum, size_t count) {
    float sums[AT_ONCE];
    for (size_t first = 0; first < count; first += AT_ONCE) {
        size_t n = count - first < AT_ONCE ? count - first : AT_ONCE;
        const uint16_t *leading = (const uint16_t *)parts[0] + first;
        for (size_t i = 0; i < n; i++) sums[i] = wide(leading[i]);
        for (int part = 1; part < part_count; part++) {
            const uint16_t *values = (const uint16_t *)parts[part] + first;
            for (size_t i = 0; i < n; i++) sums[i] += wide(values[i]);
        }
        for (size_t i = 0; i < n; i++) sum[first + i] = wide(narrow(sums[i]));
    }
}

void rank_narrow(const float *values, uint16_t *result, size_t count) {
    for (size_t i = 0; i < count; i++) result[i] = narrow(values[i]);
}

void rank_widen(const uint16_t *values, float *result, size_t count) {
    for (size_t i = 0; i < count; i++) result[i] = wide(values[i]);
}
