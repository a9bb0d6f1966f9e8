#include "include/layer_kernels.h"

#if defined(__x86_64__)
extern const LayerKernels layer_kernels_generic, layer_kernels_avx2, layer_kernels_avx512,
    layer_kernels_avx512_bf16;

const LayerKernels *layer_kernels_for_level(int level) {
    if (level >= 2 && __builtin_cpu_supports("avx512bf16")) return &layer_kernels_avx512_bf16;
    return level >= 2 ? &layer_kernels_avx512 : level == 1 ? &layer_kernels_avx2 : &layer_kernels_generic;
}

const LayerKernels *layer_kernels_without_bf16(void) { return &layer_kernels_avx512; }

int layer_kernels_highest_level(void) {
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c")) return 0;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq")) {
        return 1;
    }
    return 2;
}
#else
extern const LayerKernels layer_kernels_generic;

const LayerKernels *layer_kernels_for_level(int level) {
    (void)level;
    return &layer_kernels_generic;
}

const LayerKernels *layer_kernels_without_bf16(void) { return &layer_kernels_generic; }

int layer_kernels_highest_level(void) { return 0; }
#endif
