// Float weights times float activations, bfloat16 times bfloat16.

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
        } else {
            weights[half] = load_halves(tile + 2 * index);
        }
    }
}

INLINE void write_float_rows(const MatmulTask *task, int first, const int rows, __m256 sums[6][2]) {
    for (int r = 0; r < rows; r++) {
        float row[16];
        _mm256_storeu_ps(row, sums[r][0]);
        _mm256_storeu_ps(row + 8, sums[r][1]);
        write_row(task, first + r, row);
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
    write_float_rows(task, first, rows, sums);
}

INLINE void multiply_floats(PackedForm form, const MatmulTask *task) {
    int row = 0;
    for (; row + 6 <= task->rows; row += 6) multiply_float_rows(form, task, row, 6);
    for (; row + 2 <= task->rows; row += 2) multiply_float_rows(form, task, row, 2);
    for (; row < task->rows; row++) multiply_float_rows(form, task, row, 1);
}

// The two numbers of each pair of columns as floats.
INLINE __m256 pair_first(__m256i pairs) { return _mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16)); }
INLINE __m256 pair_second(__m256i pairs) {
    return _mm256_castsi256_ps(_mm256_and_si256(pairs, _mm256_set1_epi32((int)0xFFFF0000)));
}

// `rows` (at most 4, a constant) rows of bfloat16 activations.
INLINE void multiply_bf16_rows(const MatmulTask *task, int first, const int rows) {
    __m256 sums[6][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm256_setzero_ps();
    const size_t columns = (size_t)task->groups * MATMUL_GROUP;
    const uint16_t *x = (const uint16_t *)task->activations + (size_t)first * columns;
    for (size_t column = 0; column < columns; column += 2) {
        __m256i weights[2];
        for (size_t half = 0; half < 2; half++) {
            weights[half] = _mm256_loadu_si256((const __m256i *)(task->tile + column * 32 + 32 * half));
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            __m256i pairs = broadcast_quad(x + (size_t)r * columns + column);
            for (size_t half = 0; half < 2; half++) {
                sums[r][half] = _mm256_fmadd_ps(pair_second(weights[half]), pair_second(pairs), sums[r][half]);
                sums[r][half] = _mm256_fmadd_ps(pair_first(weights[half]), pair_first(pairs), sums[r][half]);
            }
        }
    }
    write_float_rows(task, first, rows, sums);
}

static void multiply_bf16_avx2(const MatmulTask *task) {
    int row = 0;
    for (; row + 4 <= task->rows; row += 4) multiply_bf16_rows(task, row, 4);
    for (; row < task->rows; row++) multiply_bf16_rows(task, row, 1);
}

#endif
