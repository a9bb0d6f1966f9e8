// Packed integers and scales into AVX-512 registers.

#ifndef AVX512_PACKED_WEIGHTS_H
#define AVX512_PACKED_WEIGHTS_H

#include <immintrin.h>

#include "../group_layout.h"
#include "../include/matmul_kernels.h"

// One group's weights, unpacked once for a whole panel of rows.
typedef struct UnpackedGroup {
    _Alignas(64) uint8_t integers[8][64];
    _Alignas(64) float scales[2][16];
    _Alignas(64) float minimums[2][16];
} UnpackedGroup;

INLINE __m512i load(const void *at) { return _mm512_loadu_si512(at); }

INLINE __m512 load_halves(const uint8_t *at) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)at)); }

// Four activations in every lane.
INLINE __m512i broadcast_quad(const void *at) {
    int32_t quad;
    __builtin_memcpy(&quad, at, 4);
    return _mm512_set1_epi32(quad);
}

// What is subtracted from the unsigned integers that the kernel multiplies.
INLINE int unsigned_offset(PackedForm form) { return form_is_signed(form) ? 128 : form_offset(form); }

// Shifts 16-bit lanes up by `count`, or down if it is negative; bits that come from neighbours are masked off later.
INLINE __m512i shift(__m512i lanes, int count) {
    return count >= 0 ? _mm512_slli_epi16(lanes, (unsigned)count) : _mm512_srli_epi16(lanes, (unsigned)-count);
}

INLINE __m512i mask(__m512i bytes, int bits) { return _mm512_and_si512(bytes, _mm512_set1_epi8((char)bits)); }

// Quad `quad` (a constant) of a group's integers as unsigned bytes.
INLINE __m512i group_quad(PackedForm form, const uint8_t *integers, int quad) {
    if (form == PACKED_S8_32) return _mm512_xor_si512(load(integers + 64 * quad), _mm512_set1_epi8((char)0x80));
    __m512i value = _mm512_setzero_si512();
    if (form_bits(form) >= 4) value = mask(shift(load(integers + 64 * (quad & 3)), quad < 4 ? 0 : -4), 15);
    if (form_values(form)) {
        __m512i table = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)form_values(form)));
        return _mm512_xor_si512(_mm512_shuffle_epi8(table, value), _mm512_set1_epi8((char)0x80));
    }
    if (form_has_two_bit_plane(form)) {
        const int up = form_two_bits_shift(form);
        __m512i bits = shift(load(integers + form_two_bits_at(form) + 64 * (quad / 4)), up - 2 * (quad & 3));
        value = _mm512_or_si512(value, mask(bits, 3 << up));
    }
    if (form_has_one_bit_plane(form)) {
        const int up = form_one_bit_shift(form);
        value = _mm512_or_si512(value, mask(shift(load(integers + form_one_bit_at(form)), up - quad), 1 << up));
    }
    return value;
}

// Number `index` of a group's scales and then minimums, of all features.
INLINE __m512 group_scales(PackedForm form, PackedGroup group, int index) {
    if (!form_has_super_scales(form)) return load_halves(group.scales + 32 * index);
    __m128i bytes = _mm_loadu_si128((const __m128i *)(group.scales + 16 * index));
    __m512 super_scales = load_halves(group.super_scales + (index >= form_subgroups(form) ? 32 : 0));
    return _mm512_mul_ps(super_scales, _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes)));
}

INLINE void unpack_group(PackedForm form, PackedGroup group, UnpackedGroup *unpacked) {
#pragma clang loop unroll(full)
    for (int quad = 0; quad < 8; quad++) {
        _mm512_storeu_si512(unpacked->integers[quad], group_quad(form, group.integers, quad));
    }
    const int subgroups = form_subgroups(form);
    for (int s = 0; s < subgroups; s++) {
        _mm512_storeu_ps(unpacked->scales[s], group_scales(form, group, s));
        if (form_has_minimums(form)) {
            _mm512_storeu_ps(unpacked->minimums[s], group_scales(form, group, subgroups + s));
        }
    }
}

#endif
