// One row of a tile into the output.

#ifndef AVX2_WRITE_ROW_H
#define AVX2_WRITE_ROW_H

#include <immintrin.h>

#include "../group_layout.h"
#include "../include/matmul_kernels.h"

INLINE void write_row(const MatmulTask *task, int row, const float sums[16]) {
    float *output = task->output + (size_t)row * task->output_stride;
    if (task->features == MATMUL_TILE) {
        _mm256_storeu_ps(output, _mm256_loadu_ps(sums));
        _mm256_storeu_ps(output + 8, _mm256_loadu_ps(sums + 8));
    } else {
        for (int feature = 0; feature < task->features; feature++) output[feature] = sums[feature];
    }
}

#endif
