// bfloat16 weights times bfloat16 activations. Who includes this says how pairs of products are added:
//
//     __m512 add_pairs(__m512 sum, __m512i weights, __m512i activations)
//
// adds the second column's product of every pair and then the first's.

#ifndef AVX512_BF16_PRODUCTS_H
#define AVX512_BF16_PRODUCTS_H

#include "packed_weights.h"
#include "write_row.h"

// `rows` (at most 12, a constant) rows.
INLINE void multiply_bf16_rows(const MatmulTask *task, int first, const int rows) {
    __m512 sums[12];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r] = _mm512_setzero_ps();
    const size_t columns = (size_t)task->groups * MATMUL_GROUP;
    const uint16_t *x = (const uint16_t *)task->activations + (size_t)first * columns;
    for (size_t column = 0; column < columns; column += 2) {
        __m512i weights = load(task->tile + column * 32);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            sums[r] = add_pairs(sums[r], weights, broadcast_quad(x + (size_t)r * columns + column));
        }
    }
    for (int r = 0; r < rows; r++) write_row(task, first + r, sums[r]);
}

// In passes of as equal a number of rows as can be: few rows can't hide the latency of their sums.
INLINE void multiply_bf16(const MatmulTask *task) {
    const int passes = (task->rows + 11) / 12;
    for (int pass = 0, row = 0; pass < passes; pass++) {
        const int rows = task->rows / passes + (pass < task->rows % passes);
        switch (rows) {
        case 1: multiply_bf16_rows(task, row, 1); break;
        case 2: multiply_bf16_rows(task, row, 2); break;
        case 3: multiply_bf16_rows(task, row, 3); break;
        case 4: multiply_bf16_rows(task, row, 4); break;
        case 5: multiply_bf16_rows(task, row, 5); break;
        case 6: multiply_bf16_rows(task, row, 6); break;
        case 7: multiply_bf16_rows(task, row, 7); break;
        case 8: multiply_bf16_rows(task, row, 8); break;
        case 9: multiply_bf16_rows(task, row, 9); break;
        case 10: multiply_bf16_rows(task, row, 10); break;
        case 11: multiply_bf16_rows(task, row, 11); break;
        default: multiply_bf16_rows(task, row, 12); break;
        }
        row += rows;
    }
}

#endif
