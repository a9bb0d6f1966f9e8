// One row of a tile into the output.

#ifndef AVX512_WRITE_ROW_H
#define AVX512_WRITE_ROW_H

#include <immintrin.h>

#include "../group_layout.h"
#include "../include/matmul_kernels.h"

INLINE void write_row(const MatmulTask *task, int row, __m512 sum) {
    float *output = task->output + (size_t)row * task->output_stride;
    _mm512_mask_storeu_ps(output, (__mmask16)((1u << task->features) - 1), sum);
}

#endif
