// Low-rank factors in bfloat16 times rows in bfloat16.

#ifndef AVX2_FACTOR_PRODUCTS_H
#define AVX2_FACTOR_PRODUCTS_H

#include "../write_rounded.h"
#include "float_products.h"
#include "packed_weights.h"

// Half of a tile with `rows` (at most 4, a constant) rows.
INLINE void multiply_factor_rows(const FactorTask *task, int tile, int half, int first, const int rows) {
    __m256 sums[4][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm256_setzero_ps();
    const size_t pairs = (size_t)(task->columns + 1) / 2, stride = task->source_stride;
    const uint16_t *x = task->source + (size_t)first * stride;
    const uint16_t *weights = task->tiles + (size_t)tile * pairs * 2 * MATMUL_TILE + 16 * half;
    const int parts = task->source_rest ? 2 : 1;
    for (int part = 0; part < parts; part++, x += task->source_rest) {
        for (size_t pair = 0; pair < pairs; pair += 2) {
#pragma clang loop unroll(full)
            for (size_t odd = 0; odd < 2; odd++) {
                if (pair + odd == pairs) break;
                __m256i own = _mm256_loadu_si256((const __m256i *)(weights + (pair + odd) * 2 * MATMUL_TILE));
                __m256 one = pair_first(own), other = pair_second(own);
#pragma clang loop unroll(full)
                for (int r = 0; r < rows; r++) {
                    __m256i x_pair = broadcast_quad(x + (size_t)r * stride + 2 * (pair + odd));
                    sums[r][odd] = _mm256_fmadd_ps(other, pair_second(x_pair), sums[r][odd]);
                    sums[r][odd] = _mm256_fmadd_ps(one, pair_first(x_pair), sums[r][odd]);
                }
            }
        }
    }
    const int begin = tile * MATMUL_TILE + 8 * half;
    for (int r = 0; r < rows; r++) {
        float products[8];
        __m256 product = _mm256_add_ps(sums[r][0], sums[r][1]);
        size_t output = (size_t)(first + r) * task->output_stride + (size_t)begin;
        if (task->rounded) {
            _mm256_storeu_ps(products, _mm256_mul_ps(_mm256_set1_ps(task->scale), product));
            write_rounded(task, products, 8, output);
        } else if (begin + 8 <= task->features) {
            float *target = task->sums + output;
            _mm256_storeu_ps(target, _mm256_add_ps(_mm256_loadu_ps(target), product));
        } else {
            _mm256_storeu_ps(products, product);
            for (int i = 0; i < task->features - begin; i++) task->sums[output + (size_t)i] += products[i];
        }
    }
}

static void multiply_factor_avx2(const FactorTask *task) {
    for (int tile = 0; tile < task->tile_count; tile++) {
        for (int half = 0; half < 2; half++) {
            int row = 0;
            for (; row + 4 <= task->rows; row += 4) multiply_factor_rows(task, tile, half, row, 4);
            for (; row < task->rows; row++) multiply_factor_rows(task, tile, half, row, 1);
        }
    }
}

#endif
