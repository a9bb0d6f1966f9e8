#include "include/probe_kernels.h"

// Independent chains: enough to hide the latency of every instruction used here (6 cycles, two a cycle), few enough for
// 16 registers beside the operands.
enum { CHAINS = 12 };

#if defined(__x86_64__)
#include <immintrin.h>

// Keeps a value in a vector register and hides from the compiler what it is.
#define OPAQUE(value) __asm__ volatile("" : "+x"(value))

// Defines a function that adds STEP, an expression of `sum`, `weights` and `inputs`, to every chain in turn. The chains
// must stay in registers, hence the unrolling.
#define PEAK(NAME, FEATURES, VECTOR, ZERO, WEIGHTS, INPUTS, STEP, OPERATIONS)                       \
    __attribute__((target(FEATURES))) static double NAME(long rounds) {                             \
        VECTOR sums[CHAINS];                                                                        \
        __typeof__(WEIGHTS) weights = WEIGHTS, inputs = INPUTS;                                     \
        _Pragma("clang loop unroll(full)") for (int chain = 0; chain < CHAINS; chain++) sums[chain] = ZERO; \
        for (long round = 0; round < rounds; round++) {                                             \
            _Pragma("clang loop unroll(full)") for (int chain = 0; chain < CHAINS; chain++) {       \
                OPAQUE(inputs);                                                                     \
                VECTOR sum = sums[chain];                                                           \
                sums[chain] = STEP;                                                                 \
            }                                                                                       \
        }                                                                                           \
        _Pragma("clang loop unroll(full)") for (int chain = 0; chain < CHAINS; chain++) OPAQUE(sums[chain]); \
        return (double)rounds * CHAINS * OPERATIONS;                                                \
    }

PEAK(
    integer_avx2, "avx2", __m256i, _mm256_setzero_si256(), _mm256_set1_epi8(3), _mm256_set1_epi8(5),
    _mm256_add_epi16(sum, _mm256_maddubs_epi16(weights, inputs)), 64
)
PEAK(
    integer_avx512, "avx512f,avx512bw,avx512vnni", __m512i, _mm512_setzero_si512(), _mm512_set1_epi8(3),
    _mm512_set1_epi8(5), _mm512_dpbusd_epi32(sum, weights, inputs), 128
)
PEAK(
    float_avx2, "avx2,fma", __m256, _mm256_setzero_ps(), _mm256_set1_ps(0.5f), _mm256_set1_ps(0.25f),
    _mm256_fmadd_ps(weights, inputs, sum), 16
)
PEAK(
    float_avx512, "avx512f", __m512, _mm512_setzero_ps(), _mm512_set1_ps(0.5f), _mm512_set1_ps(0.25f),
    _mm512_fmadd_ps(weights, inputs, sum), 32
)
PEAK(
    bfloat_avx512, "avx512f,avx512bf16", __m512, _mm512_setzero_ps(), (__m512bh)_mm512_set1_epi16(0x3F00),
    (__m512bh)_mm512_set1_epi16(0x3E80), _mm512_dpbf16_ps(sum, weights, inputs), 64
)
#endif

// The portable loops: LANES sums that the compiler spreads over the vectors it has. It must not know the inputs.
enum { LANES = 32 };

#define PORTABLE_PEAK(NAME, SUM, INPUT)                                                             \
    static double NAME(long rounds) {                                                               \
        SUM sums[LANES] = {0};                                                                      \
        INPUT weights[LANES], inputs[LANES];                                                        \
        for (int lane = 0; lane < LANES; lane++) weights[lane] = inputs[lane] = (INPUT)lane;        \
        for (long round = 0; round < rounds; round++) {                                             \
            __asm__ volatile("" : : "r"(weights), "r"(inputs) : "memory");                          \
            for (int lane = 0; lane < LANES; lane++) sums[lane] += (SUM)weights[lane] * (SUM)inputs[lane]; \
        }                                                                                           \
        __asm__ volatile("" : : "r"(sums) : "memory");                                              \
        return (double)rounds * LANES * 2;                                                          \
    }

PORTABLE_PEAK(integer_generic, int32_t, int8_t)
PORTABLE_PEAK(float_generic, float, float)

double probe_integer_operations(int level, long rounds) {
#if defined(__x86_64__)
    if (level >= 2) return integer_avx512(rounds);
    if (level == 1) return integer_avx2(rounds);
#endif
    (void)level;
    return integer_generic(rounds);
}

double probe_float_operations(int level, long rounds) {
#if defined(__x86_64__)
    if (level >= 2) return float_avx512(rounds);
    if (level == 1) return float_avx2(rounds);
#endif
    (void)level;
    return float_generic(rounds);
}

double probe_bfloat_operations(int level, long rounds) {
#if defined(__x86_64__)
    if (level >= 2 && __builtin_cpu_supports("avx512bf16")) return bfloat_avx512(rounds);
#endif
    (void)level;
    (void)rounds;
    return 0;
}
