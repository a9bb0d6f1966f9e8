#include "../include/layer_kernels.h"

#if defined(__x86_64__)
#include <math.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#define KERNEL(name) name##_avx2
#include "../templates/lanes_avx2.h"
#include "../templates/exponential.h"
#include "../templates/elementwise.h"
#include "../templates/logits.h"
#include "../templates/attention.h"
#include "../templates/layer_table.h"

#pragma clang attribute pop

const LayerKernels layer_kernels_avx2 = LAYER_KERNEL_TABLE("avx2");
#endif
