// Low-rank factors in half precision times float rows.

#ifndef AVX512_FACTOR_PRODUCTS_H
#define AVX512_FACTOR_PRODUCTS_H

#include "packed_weights.h"

// `rows` (at most 12, a constant) rows.
INLINE void multiply_factor_rows(const FactorTask *task, int first, const int rows) {
    __m512 sums[12];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r] = _mm512_setzero_ps();
    const float *x = task->source + (size_t)first * task->source_stride;
    for (size_t column = 0; column < (size_t)task->columns; column++) {
        __m512 weights = load_halves((const uint8_t *)(task->tile + column * MATMUL_TILE));
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            sums[r] = _mm512_fmadd_ps(weights, _mm512_set1_ps(x[(size_t)r * task->source_stride + column]), sums[r]);
        }
    }
    __mmask16 features = (__mmask16)((1u << task->features) - 1);
    for (int r = 0; r < rows; r++) {
        float *output = task->output + (size_t)(first + r) * task->output_stride;
        __m512 before = task->adds ? _mm512_maskz_loadu_ps(features, output) : _mm512_setzero_ps();
        _mm512_mask_storeu_ps(output, features, _mm512_fmadd_ps(_mm512_set1_ps(task->scale), sums[r], before));
    }
}

static void multiply_factor_avx512(const FactorTask *task) {
    int row = 0;
    for (; row + 12 <= task->rows; row += 12) multiply_factor_rows(task, row, 12);
    for (; row + 4 <= task->rows; row += 4) multiply_factor_rows(task, row, 4);
    for (; row < task->rows; row++) multiply_factor_rows(task, row, 1);
}

#endif
