// Packed integers and scales into AVX2 registers.

#ifndef AVX2_PACKED_WEIGHTS_H
#define AVX2_PACKED_WEIGHTS_H

#include <immintrin.h>

#include "../group_layout.h"
#include "../include/matmul_kernels.h"

// One group's weights, unpacked once for a whole panel of rows: integers as bytes, quad by quad, and scales as floats.
typedef struct UnpackedGroup {
    _Alignas(32) uint8_t integers[8][64];
    _Alignas(32) float scales[2][16];
    _Alignas(32) float minimums[2][16];
} UnpackedGroup;

INLINE __m256i load(const void *at) { return _mm256_loadu_si256((const __m256i *)at); }

INLINE __m256 load_halves(const uint8_t *at) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)at)); }

// Four activations in every lane.
INLINE __m256i broadcast_quad(const void *at) {
    int32_t quad;
    __builtin_memcpy(&quad, at, 4);
    return _mm256_set1_epi32(quad);
}

// Shifts 16-bit lanes up by `count`, or down if it is negative; bits that come from neighbours are masked off later.
INLINE __m256i shift(__m256i lanes, int count) {
    return count >= 0 ? _mm256_slli_epi16(lanes, count) : _mm256_srli_epi16(lanes, -count);
}

INLINE __m256i mask(__m256i bytes, int bits) { return _mm256_and_si256(bytes, _mm256_set1_epi8((char)bits)); }

// Quad `quad` (a constant) of 8 features starting at byte `half` (0 or 32) of a group's integers.
INLINE __m256i group_quad(PackedForm form, const uint8_t *integers, int quad, int half) {
    if (form == PACKED_S8_32) return load(integers + 64 * quad + half);
    __m256i value = _mm256_setzero_si256();
    if (form_bits(form) >= 4) value = mask(shift(load(integers + 64 * (quad & 3) + half), quad < 4 ? 0 : -4), 15);
    if (form_values(form)) {
        __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)form_values(form)));
        return _mm256_shuffle_epi8(table, value);
    }
    if (form_has_two_bit_plane(form)) {
        const int up = form_two_bits_shift(form);
        __m256i bits = shift(load(integers + form_two_bits_at(form) + 64 * (quad / 4) + half), up - 2 * (quad & 3));
        value = _mm256_or_si256(value, mask(bits, 3 << up));
    }
    if (form_has_one_bit_plane(form)) {
        const int up = form_one_bit_shift(form);
        value = _mm256_or_si256(value, mask(shift(load(integers + form_one_bit_at(form) + half), up - quad), 1 << up));
    }
    return value;
}

// Where a kernel finds a group's weights: packed (and unpacked in registers), or unpacked in memory.
typedef struct Weights {
    const PackedGroup *packed;
    const UnpackedGroup *unpacked;
} Weights;

// Half `half` (features 0 ... 7 or 8 ... 15) of a quad.
INLINE __m256i weight_quad(PackedForm form, Weights weights, int quad, int half) {
    return weights.packed ? group_quad(form, weights.packed->integers, quad, 32 * half)
                          : load(weights.unpacked->integers[quad] + 32 * half);
}

// Number `index` of a group's scales and then minimums, of 8 features.
INLINE __m256 group_scales(PackedForm form, const PackedGroup *group, int index, int half) {
    if (!form_has_super_scales(form)) return load_halves(group->scales + 32 * index + 16 * half);
    __m128i bytes = _mm_loadl_epi64((const __m128i *)(group->scales + 16 * index + 8 * half));
    __m256 super_scales = load_halves(group->super_scales + (index >= form_subgroups(form) ? 32 : 0) + 16 * half);
    return _mm256_mul_ps(super_scales, _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)));
}

INLINE __m256 weight_scales(PackedForm form, Weights weights, int s, int half) {
    return weights.packed ? group_scales(form, weights.packed, s, half)
                          : _mm256_load_ps(weights.unpacked->scales[s] + 8 * half);
}

INLINE __m256 weight_minimums(PackedForm form, Weights weights, int s, int half) {
    return weights.packed ? group_scales(form, weights.packed, form_subgroups(form) + s, half)
                          : _mm256_load_ps(weights.unpacked->minimums[s] + 8 * half);
}

INLINE void unpack_group(PackedForm form, const PackedGroup *group, UnpackedGroup *unpacked) {
    const Weights packed = {.packed = group};
#pragma clang loop unroll(full)
    for (int quad = 0; quad < 8; quad++) {
        _mm256_store_si256((__m256i *)unpacked->integers[quad], group_quad(form, group->integers, quad, 0));
        _mm256_store_si256((__m256i *)(unpacked->integers[quad] + 32), group_quad(form, group->integers, quad, 32));
    }
    for (int s = 0; s < form_subgroups(form); s++) {
        for (int half = 0; half < 2; half++) {
            _mm256_store_ps(unpacked->scales[s] + 8 * half, weight_scales(form, packed, s, half));
            if (form_has_minimums(form)) {
                _mm256_store_ps(unpacked->minimums[s] + 8 * half, weight_minimums(form, packed, s, half));
            }
        }
    }
}

#endif
