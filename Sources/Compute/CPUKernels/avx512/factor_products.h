// Low-rank factors in bfloat16 times rows in bfloat16. Who includes this says how pairs of products are added, see
// bf16_products.h.

#ifndef AVX512_FACTOR_PRODUCTS_H
#define AVX512_FACTOR_PRODUCTS_H

#include "../write_rounded.h"
#include "packed_weights.h"

// One tile with `rows` (at most 12, a constant) rows.
INLINE void multiply_factor_rows(const FactorTask *task, int tile, int first, const int rows) {
    __m512 sums[12][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm512_setzero_ps();
    const size_t pairs = (size_t)(task->columns + 1) / 2, stride = task->source_stride;
    const uint16_t *x = task->source + (size_t)first * stride;
    const int parts = task->source_rest ? 2 : 1;
    for (int part = 0; part < parts; part++, x += task->source_rest) {
        const uint16_t *weights = task->tiles + (size_t)tile * pairs * 2 * MATMUL_TILE;
        size_t pair = 0;
        for (; pair + 2 <= pairs; pair += 2, weights += 4 * MATMUL_TILE) {
            __m512i even = load(weights), odd = load(weights + 2 * MATMUL_TILE);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++) {
                const uint16_t *own = x + (size_t)r * stride + 2 * pair;
                sums[r][0] = add_pairs(sums[r][0], even, broadcast_quad(own));
                sums[r][1] = add_pairs(sums[r][1], odd, broadcast_quad(own + 2));
            }
        }
        if (pair < pairs) {
            __m512i last = load(weights);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++) {
                sums[r][0] = add_pairs(sums[r][0], last, broadcast_quad(x + (size_t)r * stride + 2 * pair));
            }
        }
    }
    const int left = task->features - tile * MATMUL_TILE;
    __mmask16 features = left >= MATMUL_TILE ? 0xFFFF : (__mmask16)((1u << left) - 1);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        __m512 product = _mm512_add_ps(sums[r][0], sums[r][1]);
        size_t output = (size_t)(first + r) * task->output_stride + (size_t)tile * MATMUL_TILE;
        if (task->rounded) {
            float products[MATMUL_TILE];
            _mm512_storeu_ps(products, _mm512_mul_ps(_mm512_set1_ps(task->scale), product));
            write_rounded(task, products, MATMUL_TILE, output);
        } else {
            float *target = task->sums + output;
            _mm512_mask_storeu_ps(target, features, _mm512_add_ps(_mm512_maskz_loadu_ps(features, target), product));
        }
    }
}

INLINE void multiply_factor(const FactorTask *task) {
    for (int tile = 0; tile < task->tile_count; tile++) {
        int row = 0;
        for (; row + 12 <= task->rows; row += 12) multiply_factor_rows(task, tile, row, 12);
        for (; row + 4 <= task->rows; row += 4) multiply_factor_rows(task, tile, row, 4);
        for (; row < task->rows; row++) multiply_factor_rows(task, tile, row, 1);
    }
}

#endif
