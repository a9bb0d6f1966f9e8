// Activations to 8 bits.

#ifndef AVX512_QUANTIZE_H
#define AVX512_QUANTIZE_H

#include <immintrin.h>

#include "../group_layout.h"
#include "../include/matmul_kernels.h"

static void quantize_avx512(const float *x, ActivationGroup *group) {
    __m512 parts[2] = {_mm512_loadu_ps(x), _mm512_loadu_ps(x + 16)};
    float maximum = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(parts[0]), _mm512_abs_ps(parts[1])));
    // Smaller numbers are as good as zero, and their inverse could overflow.
    if (maximum < 0x1p-100f) maximum = 0;
    float scale = maximum / 127.0f, inverse = maximum > 0 ? 127.0f / maximum : 0;
    for (int i = 0; i < 2; i++) {
        __m512i integers = _mm512_cvtps_epi32(_mm512_mul_ps(parts[i], _mm512_set1_ps(inverse)));
        _mm_storeu_si128((__m128i *)(group->values + 16 * i), _mm512_cvtsepi32_epi8(integers));
    }
    // Neighbours' sums, then the four quads of each half of the group: a lane's low 32 bits hold the two pair sums.
    __m256i bytes = _mm256_loadu_si256((const __m256i *)group->values);
    __m256i pairs = _mm256_maddubs_epi16(_mm256_set1_epi8(1), bytes);
    pairs = _mm256_add_epi16(pairs, _mm256_shuffle_epi32(pairs, 0x4E));
    pairs = _mm256_add_epi16(pairs, _mm256_shuffle_epi32(pairs, 0xB1));
    __m128i first = _mm256_castsi256_si128(pairs);
    _mm_storeu_si32(group->first_pairs, first);
    _mm_storeu_si32(group->pairs, _mm_add_epi16(first, _mm256_extracti128_si256(pairs, 1)));
    group->first_half = group->first_pairs[0] + group->first_pairs[1];
    group->total = group->pairs[0] + group->pairs[1];
    group->scale = scale;
    group->sum = scale * (float)group->total;
}

#endif
