// Rows of activations to 8 bits, row by row with a function for one group. Who includes this says which:
//
//     static void quantize_group(const float *x, ActivationGroup *group)

#ifndef QUANTIZE_ROWS_H
#define QUANTIZE_ROWS_H

#include <math.h>

#include "include/matmul_kernels.h"

static inline void quantize_row(const float *x, int columns, ActivationRows target, int row, float *rest) {
    ActivationGroup *lone = target.groups;
    ActivationBlock *block = (ActivationBlock *)target.groups + row / MATMUL_ROW_BLOCK;
    for (int column = 0; column < columns; column += MATMUL_GROUP, lone++, block += target.blocks) {
        _Alignas(64) ActivationGroup group;
        quantize_group(x + column, &group);
        if (target.blocks > 0) activation_block_set(block, row % MATMUL_ROW_BLOCK, &group);
        else *lone = group;
        for (int i = 0; rest && i < MATMUL_GROUP; i++) {
            rest[column + i] = fmaf(-group.scale, (float)group.values[i], x[column + i]);
        }
    }
}

static inline void quantize_rows(
    const float *x, size_t stride, int rows, int columns, ActivationRows target, float *rest) {
    for (int r = 0; r < rows; r++) {
        quantize_row(x + (size_t)r * stride, columns, target, target.first + r, rest ? rest + (size_t)r * stride : 0);
    }
}

#endif
