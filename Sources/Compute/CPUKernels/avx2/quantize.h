// Activations to 8 bits.

#ifndef AVX2_QUANTIZE_H
#define AVX2_QUANTIZE_H

#include <immintrin.h>

#include "../group_layout.h"
#include "../include/matmul_kernels.h"

static void quantize_group(const float *x, ActivationGroup *group) {
    __m256 parts[4], largest = _mm256_setzero_ps();
    for (int i = 0; i < 4; i++) {
        parts[i] = _mm256_loadu_ps(x + 8 * i);
        largest = _mm256_max_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0f), parts[i]), largest);
    }
    __m128 most = _mm_max_ps(_mm256_castps256_ps128(largest), _mm256_extractf128_ps(largest, 1));
    most = _mm_max_ps(most, _mm_movehl_ps(most, most));
    most = _mm_max_ss(most, _mm_movehdup_ps(most));
    float maximum = _mm_cvtss_f32(most);
    // Smaller numbers are as good as zero, and their inverse could overflow.
    if (maximum < 0x1p-100f) maximum = 0;
    float scale = maximum / 127.0f, inverse = maximum > 0 ? 127.0f / maximum : 0;
    __m256i integers[4];
    for (int i = 0; i < 4; i++) integers[i] = _mm256_cvtps_epi32(_mm256_mul_ps(parts[i], _mm256_set1_ps(inverse)));
    __m256i low = _mm256_packs_epi32(integers[0], integers[1]), high = _mm256_packs_epi32(integers[2], integers[3]);
    __m256i bytes = _mm256_packs_epi16(low, high);
    bytes = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    _mm256_storeu_si256((__m256i *)group->values, bytes);
    // Neighbours' sums, then the four quads of each half of the group: a lane's low 32 bits hold the two pair sums.
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

#include "../quantize_rows.h"

#endif
