// Float weights times float activations.

#ifndef AVX512_FLOAT_PRODUCTS_H
#define AVX512_FLOAT_PRODUCTS_H

#include "packed_weights.h"
#include "write_row.h"

// Sixteen float weights of one column.
INLINE __m512 column_weights(PackedForm form, const uint8_t *tile, size_t column) {
    if (form == PACKED_F32) return _mm512_loadu_ps((const float *)tile + column * 16);
    return load_halves(tile + column * 32);
}

// `rows` (at most 12, a constant) rows of float activations.
INLINE void multiply_float_rows(PackedForm form, const MatmulTask *task, int first, const int rows) {
    __m512 sums[12];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r] = _mm512_setzero_ps();
    const float *x = task->source + (size_t)first * task->source_stride;
    for (size_t column = 0; column < (size_t)task->groups * MATMUL_GROUP; column++) {
        __m512 weights = column_weights(form, task->tile, column);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            sums[r] = _mm512_fmadd_ps(weights, _mm512_set1_ps(x[(size_t)r * task->source_stride + column]), sums[r]);
        }
    }
    for (int r = 0; r < rows; r++) write_row(task, first + r, sums[r]);
}

INLINE void multiply_floats(PackedForm form, const MatmulTask *task) {
    int row = 0;
    for (; row + 12 <= task->rows; row += 12) multiply_float_rows(form, task, row, 12);
    for (; row + 4 <= task->rows; row += 4) multiply_float_rows(form, task, row, 4);
    for (; row < task->rows; row++) multiply_float_rows(form, task, row, 1);
}

#endif
