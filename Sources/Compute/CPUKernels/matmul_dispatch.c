#include "include/matmul_kernels.h"

#if defined(__x86_64__)
extern const MatmulKernels matmul_kernels_generic, matmul_kernels_avx2, matmul_kernels_avx512,
    matmul_kernels_avx512_bf16;

const MatmulKernels *matmul_kernels_for_level(int level) {
    if (level >= 2 && __builtin_cpu_supports("avx512bf16")) return &matmul_kernels_avx512_bf16;
    return level >= 2 ? &matmul_kernels_avx512 : level == 1 ? &matmul_kernels_avx2 : &matmul_kernels_generic;
}

int matmul_kernels_highest_level(void) {
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c")) return 0;
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
        !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512vnni")) {
        return 1;
    }
    return 2;
}
#else
extern const MatmulKernels matmul_kernels_generic;

const MatmulKernels *matmul_kernels_for_level(int level) {
    (void)level;
    return &matmul_kernels_generic;
}

int matmul_kernels_highest_level(void) { return 0; }
#endif
