// The AVX-512 kernels for machines that also have `vdpbf16ps`.

#include "../include/layer_kernels.h"

#if defined(__x86_64__)
#include <math.h>
#include <string.h>

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma,f16c"))), apply_to = function)

#define NATIVE_BF16
#define KERNEL(name) name##_avx512_bf16
#include "../templates/lanes_avx512.h"
#include "../templates/exponential.h"
#include "../templates/elementwise.h"
#include "../templates/logits.h"
#include "../templates/attention.h"
#include "../templates/layer_table.h"

#pragma clang attribute pop

const LayerKernels layer_kernels_avx512_bf16 = LAYER_KERNEL_TABLE("avx512");
#endif
