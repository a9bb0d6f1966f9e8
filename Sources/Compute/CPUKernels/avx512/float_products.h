// Float weights times float activations.

#ifndef AVX512_FLOAT_PRODUCTS_H
#define AVX512_FLOAT_PRODUCTS_H

#include "packed_weights.h"
#include "write_row.h"

// Sixteen float weights of a column of a group: of 8 bits, 2^-8 as large, which the scales make up for.
INLINE __m512 column_weights(PackedForm form, const uint8_t *numbers, size_t column) {
    if (form == PACKED_F32) return _mm512_loadu_ps((const float *)numbers + column * 16);
    if (form == PACKED_F16) return load_halves(numbers + column * 32);
    __m256i codes = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(numbers + column * 16)));
    return _mm512_cvtph_ps(_mm256_and_si256(_mm256_slli_epi16(codes, 7), _mm256_set1_epi16((short)0xBFFF)));
}

// `rows` (at most 12, a constant) rows of float activations.
INLINE void multiply_float_rows(PackedForm form, const MatmulTask *task, int first, const int rows) {
    __m512 sums[12], products[12];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r] = products[r] = _mm512_setzero_ps();
    const float *x = task->source + (size_t)first * task->source_stride;
    for (int g = 0; g < task->groups; g++, x += MATMUL_GROUP) {
        const uint8_t *group = task->tile + (size_t)g * packed_group_bytes(form);
        for (size_t column = 0; column < MATMUL_GROUP; column++) {
            __m512 weights = column_weights(form, group + form_float_scale_bytes(form), column);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++) {
                __m512 activation = _mm512_set1_ps(x[(size_t)r * task->source_stride + column]);
                products[r] = _mm512_fmadd_ps(weights, activation, products[r]);
            }
        }
        if (!form_float_scale_bytes(form)) continue;
        __m512 scales = _mm512_loadu_ps((const float *)group);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            sums[r] = _mm512_fmadd_ps(products[r], scales, sums[r]);
            products[r] = _mm512_setzero_ps();
        }
    }
    for (int r = 0; r < rows; r++) {
        write_row(task, first + r, form_float_scale_bytes(form) ? sums[r] : products[r]);
    }
}

INLINE void multiply_floats(PackedForm form, const MatmulTask *task) {
    int row = 0;
    for (; row + 12 <= task->rows; row += 12) multiply_float_rows(form, task, row, 12);
    for (; row + 4 <= task->rows; row += 4) multiply_float_rows(form, task, row, 4);
    for (; row < task->rows; row++) multiply_float_rows(form, task, row, 1);
}

#endif
