// The bfloat16 kernels for machines that have `vdpbf16ps`, which not all with VNNI do.

#include "../include/matmul_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "../group_layout.h"
#include "../half.h"

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma,f16c"))), apply_to = function)

INLINE __m512 add_pairs(__m512 sum, __m512i weights, __m512i activations) {
    return _mm512_dpbf16_ps(sum, (__m512bh)weights, (__m512bh)activations);
}

#include "bf16_products.h"
#include "factor_products.h"

void multiply_bf16_avx512_native(const MatmulTask *task) { multiply_bf16(task); }
void multiply_factor_avx512_native(const FactorTask *task) { multiply_factor(task); }

#pragma clang attribute pop
#endif
