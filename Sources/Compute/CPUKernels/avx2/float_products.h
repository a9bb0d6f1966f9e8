// Float weights times float activations.

#ifndef AVX2_FLOAT_PRODUCTS_H
#define AVX2_FLOAT_PRODUCTS_H

#include "packed_weights.h"
#include "write_row.h"

// Sixteen float weights of one column.
INLINE void column_weights(PackedForm form, const uint8_t *tile, size_t column, __m256 weights[2]) {
    for (size_t half = 0; half < 2; half++) {
        size_t index = column * 16 + 8 * half;
        if (form == PACKED_F32) {
            weights[half] = _mm256_loadu_ps((const float *)tile + index);
        } else if (form == PACKED_F16) {
            weights[half] = load_halves(tile + 2 * index);
        } else {
            __m128i bits = _mm_loadu_si128((const __m128i *)(tile + 2 * index));
            weights[half] = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
        }
    }
}

// `rows` (at most 6, a constant) rows of float activations.
INLINE void multiply_float_rows(PackedForm form, const MatmulTask *task, int first, const int rows) {
    __m256 sums[6][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm256_setzero_ps();
    const float *x = task->source + (size_t)first * task->source_stride;
    for (size_t column = 0; column < (size_t)task->groups * MATMUL_GROUP; column++) {
        __m256 weights[2];
        column_weights(form, task->tile, column, weights);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            __m256 activation = _mm256_broadcast_ss(x + (size_t)r * task->source_stride + column);
            sums[r][0] = _mm256_fmadd_ps(weights[0], activation, sums[r][0]);
            sums[r][1] = _mm256_fmadd_ps(weights[1], activation, sums[r][1]);
        }
    }
    for (int r = 0; r < rows; r++) {
        float row[16];
        _mm256_storeu_ps(row, sums[r][0]);
        _mm256_storeu_ps(row + 8, sums[r][1]);
        write_row(task, first + r, row);
    }
}

INLINE void multiply_floats(PackedForm form, const MatmulTask *task) {
    int row = 0;
    for (; row + 6 <= task->rows; row += 6) multiply_float_rows(form, task, row, 6);
    for (; row + 2 <= task->rows; row += 2) multiply_float_rows(form, task, row, 2);
    for (; row < task->rows; row++) multiply_float_rows(form, task, row, 1);
}

#endif
