// Half precision and bfloat16 in portable C.

#ifndef HALF_H
#define HALF_H

#include <stdint.h>
#include <string.h>

static inline float float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

static inline uint32_t bits_from_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return bits;
}

static inline float float_from_bf16(uint16_t bits) { return float_from_bits((uint32_t)bits << 16); }

// Rounds to nearest, ties to even; subnormal numbers become zero.
static inline uint16_t bf16_from_float(float value) {
    uint32_t bits = bits_from_float(value), magnitude = bits & 0x7FFFFFFF;
    uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    if (magnitude > 0x7F800000) rounded = bits >> 16 | 0x40;
    if (magnitude < 0x00800000) rounded = bits >> 16 & 0x8000;
    return (uint16_t)rounded;
}

static inline void round_to_bf16(const float *x, int n, uint16_t *rounded) {
    for (int i = 0; i < n; i++) rounded[i] = bf16_from_float(x[i]);
}

static inline float float_from_half(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31, fraction = half & 0x3FF;
    if (exponent == 31) return float_from_bits(sign | 0x7F800000 | fraction << 13);
    if (exponent == 0) {
        float value = (float)fraction * 0x1p-24f;
        return sign ? -value : value;
    }
    return float_from_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

// Rounds to nearest, ties to even; too large becomes infinity.
static inline uint16_t half_from_float(float value) {
    uint32_t bits = bits_from_float(value), sign = bits >> 16 & 0x8000, magnitude = bits & 0x7FFFFFFF;
    if (magnitude > 0x7F800000) return (uint16_t)(sign | 0x7E00);
    if (magnitude >= 0x477FF000) return (uint16_t)(sign | 0x7C00);
    if (magnitude < 0x38800000) {
        float shifted = float_from_bits(magnitude) + 0.5f;
        return (uint16_t)(sign | (bits_from_float(shifted) - 0x3F000000));
    }
    uint32_t rounded = magnitude + 0xFFF + (magnitude >> 13 & 1);
    return (uint16_t)(sign | (rounded - 0x38000000) >> 13);
}

#endif
