// Low-rank factors in half precision times float rows.

#ifndef AVX2_FACTOR_PRODUCTS_H
#define AVX2_FACTOR_PRODUCTS_H

#include "packed_weights.h"

// `rows` (at most 4, a constant) rows.
INLINE void multiply_factor_rows(const FactorTask *task, int first, const int rows) {
    __m256 sums[4][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm256_setzero_ps();
    const float *x = task->source + (size_t)first * task->source_stride;
    for (size_t column = 0; column < (size_t)task->columns; column++) {
        const uint8_t *numbers = (const uint8_t *)(task->tile + column * MATMUL_TILE);
        __m256 low = load_halves(numbers), high = load_halves(numbers + 16);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            __m256 activation = _mm256_broadcast_ss(x + (size_t)r * task->source_stride + column);
            sums[r][0] = _mm256_fmadd_ps(low, activation, sums[r][0]);
            sums[r][1] = _mm256_fmadd_ps(high, activation, sums[r][1]);
        }
    }
    for (int r = 0; r < rows; r++) {
        float *output = task->output + (size_t)(first + r) * task->output_stride, products[MATMUL_TILE];
        _mm256_storeu_ps(products, sums[r][0]);
        _mm256_storeu_ps(products + 8, sums[r][1]);
        for (int feature = 0; feature < task->features; feature++) {
            output[feature] = __builtin_fmaf(task->scale, products[feature], task->adds ? output[feature] : 0);
        }
    }
}

static void multiply_factor_avx2(const FactorTask *task) {
    int row = 0;
    for (; row + 4 <= task->rows; row += 4) multiply_factor_rows(task, row, 4);
    for (; row < task->rows; row++) multiply_factor_rows(task, row, 1);
}

#endif
