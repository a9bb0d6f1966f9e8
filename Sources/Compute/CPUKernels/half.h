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

// Rounds, and rounds what that took.
static inline void round_twice_to_bf16(const float *x, int n, uint16_t *rounded, uint16_t *rest) {
    for (int i = 0; i < n; i++) {
        rounded[i] = bf16_from_float(x[i]);
        rest[i] = bf16_from_float(x[i] - float_from_bf16(rounded[i]));
    }
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

static inline float rounded_to_half(float value) { return float_from_half(half_from_float(value)); }

// An 8-bit float of 4 exponent and 3 fraction bits as if it were a half: 2^-8 as large.
static inline float float_from_e4m3_code(uint8_t bits) {
    return float_from_half((uint16_t)((bits & 0x80) << 8 | (bits & 0x7F) << 7));
}

// The largest codes are NaN.
static inline float float_from_e4m3(uint8_t bits) {
    return (bits & 0x7F) == 0x7F ? float_from_bits(0x7FC00000) : float_from_e4m3_code(bits) * 0x1p8f;
}

// Rounds to nearest, ties to even; too large becomes the largest, 448.
static inline uint8_t e4m3_from_float(float value) {
    uint8_t sign = (uint8_t)(bits_from_float(value) >> 24 & 0x80);
    float magnitude = float_from_bits(bits_from_float(value) & 0x7FFFFFFF);
    if (!(magnitude < 448)) return sign | 0x7E;
    if (magnitude < 0x1p-6f) {
        // Whole multiples of the smallest, 2^-9, by adding a number whose last bit is worth that.
        return sign | (uint8_t)(bits_from_float(magnitude + 0x1p14f) - bits_from_float(0x1p14f));
    }
    uint32_t bits = bits_from_float(magnitude);
    uint32_t rounded = (bits + 0x7FFFF + (bits >> 20 & 1)) >> 20;
    return sign | (uint8_t)(rounded - (120u << 3));
}

// A power of two by its exponent, counted from 2^-127; the largest code is NaN.
static inline float float_from_e8m0(uint8_t bits) {
    if (bits == 0xFF) return float_from_bits(0x7FC00000);
    return float_from_bits(bits == 0 ? 0x00400000 : (uint32_t)bits << 23);
}

#endif
