// Float weights times float activations, bfloat16 times bfloat16.

#ifndef AVX2_FLOAT_PRODUCTS_H
#define AVX2_FLOAT_PRODUCTS_H

#include "packed_weights.h"
#include "write_row.h"

// Sixteen float weights of a column of a group: of 8 bits, 2^-8 as large, which the scales make up for.
INLINE void column_weights(PackedForm form, const uint8_t *numbers, size_t column, __m256 weights[2]) {
    for (size_t half = 0; half < 2; half++) {
        size_t index = column * 16 + 8 * half;
        if (form == PACKED_F32) {
            weights[half] = _mm256_loadu_ps((const float *)numbers + index);
        } else if (form == PACKED_F16) {
            weights[half] = load_halves(numbers + 2 * index);
        } else {
            __m128i codes = _mm_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)(numbers + index)));
            weights[half] = _mm256_cvtph_ps(_mm_and_si128(_mm_slli_epi16(codes, 7), _mm_set1_epi16((short)0xBFFF)));
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
    __m256 sums[6][2], products[6][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        sums[r][0] = sums[r][1] = products[r][0] = products[r][1] = _mm256_setzero_ps();
    }
    const float *x = task->source + (size_t)first * task->source_stride;
    for (int g = 0; g < task->groups; g++, x += MATMUL_GROUP) {
        const uint8_t *group = task->tile + (size_t)g * packed_group_bytes(form);
        for (size_t column = 0; column < MATMUL_GROUP; column++) {
            __m256 weights[2];
            column_weights(form, group + form_float_scale_bytes(form), column, weights);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++) {
                __m256 activation = _mm256_broadcast_ss(x + (size_t)r * task->source_stride + column);
                products[r][0] = _mm256_fmadd_ps(weights[0], activation, products[r][0]);
                products[r][1] = _mm256_fmadd_ps(weights[1], activation, products[r][1]);
            }
        }
        if (!form_float_scale_bytes(form)) continue;
        __m256 scales[2] = {_mm256_loadu_ps((const float *)group), _mm256_loadu_ps((const float *)group + 8)};
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            for (int half = 0; half < 2; half++) {
                sums[r][half] = _mm256_fmadd_ps(products[r][half], scales[half], sums[r][half]);
                products[r][half] = _mm256_setzero_ps();
            }
        }
    }
    write_float_rows(task, first, rows, form_float_scale_bytes(form) ? sums : products);
}

// Fewer rows of weights with scales, whose sums are twice as many.
INLINE void multiply_floats(PackedForm form, const MatmulTask *task) {
    int row = 0;
    if (!form_float_scale_bytes(form)) {
        for (; row + 6 <= task->rows; row += 6) multiply_float_rows(form, task, row, 6);
    }
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
