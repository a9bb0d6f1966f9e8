// Activations to 8 bits.

#ifndef AVX512_QUANTIZE_H
#define AVX512_QUANTIZE_H

#include <immintrin.h>

#include "../group_layout.h"
#include "../include/matmul_kernels.h"

static void quantize_group(const float *x, ActivationGroup *group) {
    __m512 parts[2] = {_mm512_loadu_ps(x), _mm512_loadu_ps(x + 16)};
    float maximum = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(parts[0]), _mm512_abs_ps(parts[1])));
    // Smaller numbers are as good as zero, and their inverse could overflow.
    if (maximum < 0x1p-100f) maximum = 0;
    float scale = maximum / 127.0f, inverse = maximum > 0 ? 127.0f / maximum : 0;
    for (int i = 0; i < 2; i++) {
        __m512i integers = _mm512_cvtps_epi32(_mm512_mul_ps(parts[i], _mm512_set1_ps(inverse)));
        _mm_storeu_si128((__m128i *)(group->values + 16 * i), _mm512_cvtsepi32_epi8(integers));
    }
    // The sums of the quads.
    __m256i quads = _mm256_dpbusd_epi32(
        _mm256_setzero_si256(), _mm256_set1_epi8(1), _mm256_loadu_si256((const __m256i *)group->values));
    __m128i halves = _mm_hadd_epi32(_mm256_castsi256_si128(quads), _mm256_extracti128_si256(quads, 1));
    halves = _mm_hadd_epi32(halves, halves);
    group->first_half = _mm_cvtsi128_si32(halves);
    group->total = group->first_half + _mm_extract_epi32(halves, 1);
    group->scale = scale;
    group->sum = scale * (float)group->total;
}

#include "../quantize_rows.h"

// The maxima of the 16 numbers of each of four vectors.
INLINE __m128 maxima(const __m512 x[4]) {
    __m512 low = _mm512_max_ps(_mm512_unpacklo_ps(x[0], x[1]), _mm512_unpackhi_ps(x[0], x[1]));
    __m512 high = _mm512_max_ps(_mm512_unpacklo_ps(x[2], x[3]), _mm512_unpackhi_ps(x[2], x[3]));
    __m512 all = _mm512_max_ps(
        _mm512_shuffle_ps(low, high, _MM_SHUFFLE(1, 0, 1, 0)), _mm512_shuffle_ps(low, high, _MM_SHUFFLE(3, 2, 3, 2)));
    __m256 half = _mm256_max_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
    return _mm_max_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

// Four rows' sums of 16 bytes that lie as in a block.
INLINE __m128i sums_of_quads(__m512i bytes) {
    __m512i quads = _mm512_dpbusd_epi32(_mm512_setzero_si512(), _mm512_set1_epi8(1), bytes);
    __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(quads), _mm512_extracti32x8_epi32(quads, 1));
    return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

// A group of a whole block of rows: the same arithmetic as `quantize_group`, for four rows side by side.
INLINE void quantize_block(const float *x, size_t stride, ActivationBlock *block, float *rest) {
    __m512 parts[2][4], largest[4];
#pragma clang loop unroll(full)
    for (int r = 0; r < 4; r++) {
        parts[0][r] = _mm512_loadu_ps(x + (size_t)r * stride);
        parts[1][r] = _mm512_loadu_ps(x + (size_t)r * stride + 16);
        largest[r] = _mm512_max_ps(_mm512_abs_ps(parts[0][r]), _mm512_abs_ps(parts[1][r]));
    }
    __m128 maximum = maxima(largest);
    __mmask8 is_zero = _mm_cmp_ps_mask(maximum, _mm_set1_ps(0x1p-100f), _CMP_LT_OQ);
    __m128 scale = _mm_maskz_div_ps((__mmask8)~is_zero, maximum, _mm_set1_ps(127.0f));
    __m128 inverse = _mm_maskz_div_ps((__mmask8)~is_zero, _mm_set1_ps(127.0f), maximum);
    float scales[4], inverses[4];
    _mm_storeu_ps(scales, scale);
    _mm_storeu_ps(inverses, inverse);
    __m128i total = _mm_setzero_si128();
#pragma clang loop unroll(full)
    for (int half = 0; half < 2; half++) {
        __m512i integers[4];
#pragma clang loop unroll(full)
        for (int r = 0; r < 4; r++) {
            integers[r] = _mm512_cvtps_epi32(_mm512_mul_ps(parts[half][r], _mm512_set1_ps(inverses[r])));
            if (rest) {
                __m512 lost = _mm512_fnmadd_ps(
                    _mm512_set1_ps(scales[r]), _mm512_cvtepi32_ps(integers[r]), parts[half][r]);
                _mm512_storeu_ps(rest + (size_t)r * stride + 16 * half, lost);
            }
        }
        // Packing interleaves by 128 bits, so that a row's quads come to lie in four rows' quads.
        __m512i bytes = _mm512_packs_epi16(
            _mm512_packs_epi32(integers[0], integers[1]), _mm512_packs_epi32(integers[2], integers[3]));
        _mm512_storeu_si512(block->values[4 * half], bytes);
        total = _mm_add_epi32(total, sums_of_quads(bytes));
        if (half == 0) _mm_storeu_si128((__m128i *)block->first_halves, total);
    }
    _mm_storeu_si128((__m128i *)block->totals, total);
    _mm_storeu_ps(block->scales, scale);
    _mm_storeu_ps(block->sums, _mm_mul_ps(scale, _mm_cvtepi32_ps(total)));
}

static void quantize_avx512(
    const float *x, size_t stride, int rows, int columns, ActivationRows target, float *rest) {
    while (rows > 0) {
        int is_block = target.blocks > 0 && rows >= 4 && target.first % MATMUL_ROW_BLOCK == 0, done = is_block ? 4 : 1;
        if (is_block) {
            ActivationBlock *block = (ActivationBlock *)target.groups + target.first / MATMUL_ROW_BLOCK;
            for (int column = 0; column < columns; column += MATMUL_GROUP, block += target.blocks) {
                quantize_block(x + column, stride, block, rest ? rest + column : 0);
            }
        } else {
            quantize_rows(x, stride, 1, columns, target, rest);
        }
        x += done * stride;
        if (rest) rest += done * stride;
        target.first += done;
        rows -= done;
    }
}

#endif
