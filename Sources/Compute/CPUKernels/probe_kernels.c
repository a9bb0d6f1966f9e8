#include "include/probe_kernels.h"

// Independent chains, enough to hide the latency of every instruction used here.
enum { CHAINS = 10 };

// Keeps a value in a vector register and hides from the compiler what it is.
#define OPAQUE(value) __asm__ volatile("" : "+x"(value))

static volatile float sink;

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vnni")))

AVX2 static double integer_avx2(long rounds) {
    __m256i sums[CHAINS] = {0}, weights = _mm256_set1_epi8(3), inputs = _mm256_set1_epi8(5);
    for (long round = 0; round < rounds; round++) {
        for (int chain = 0; chain < CHAINS; chain++) {
            OPAQUE(inputs);
            sums[chain] = _mm256_add_epi16(sums[chain], _mm256_maddubs_epi16(weights, inputs));
        }
    }
    for (int chain = 0; chain < CHAINS; chain++) sink = (float)_mm256_extract_epi16(sums[chain], 0);
    return (double)rounds * CHAINS * 64;
}

AVX512 static double integer_avx512(long rounds) {
    __m512i sums[CHAINS] = {0}, weights = _mm512_set1_epi8(3), inputs = _mm512_set1_epi8(5);
    for (long round = 0; round < rounds; round++) {
        for (int chain = 0; chain < CHAINS; chain++) {
            OPAQUE(inputs);
            sums[chain] = _mm512_dpbusd_epi32(sums[chain], weights, inputs);
        }
    }
    for (int chain = 0; chain < CHAINS; chain++) sink = (float)_mm512_cvtsi512_si32(sums[chain]);
    return (double)rounds * CHAINS * 128;
}

AVX2 static double float_avx2(long rounds) {
    __m256 sums[CHAINS] = {0}, weights = _mm256_set1_ps(0.5f), inputs = _mm256_set1_ps(0.25f);
    for (long round = 0; round < rounds; round++) {
        for (int chain = 0; chain < CHAINS; chain++) {
            OPAQUE(inputs);
            sums[chain] = _mm256_fmadd_ps(weights, inputs, sums[chain]);
        }
    }
    for (int chain = 0; chain < CHAINS; chain++) sink = _mm256_cvtss_f32(sums[chain]);
    return (double)rounds * CHAINS * 16;
}

AVX512 static double float_avx512(long rounds) {
    __m512 sums[CHAINS] = {0}, weights = _mm512_set1_ps(0.5f), inputs = _mm512_set1_ps(0.25f);
    for (long round = 0; round < rounds; round++) {
        for (int chain = 0; chain < CHAINS; chain++) {
            OPAQUE(inputs);
            sums[chain] = _mm512_fmadd_ps(weights, inputs, sums[chain]);
        }
    }
    for (int chain = 0; chain < CHAINS; chain++) sink = _mm512_cvtss_f32(sums[chain]);
    return (double)rounds * CHAINS * 32;
}
#endif

static double integer_generic(long rounds) {
    int sums[CHAINS] = {0};
    volatile int8_t weight = 3, input = 5;
    for (long round = 0; round < rounds; round++) {
        for (int chain = 0; chain < CHAINS; chain++) sums[chain] += weight * input;
    }
    for (int chain = 0; chain < CHAINS; chain++) sink = (float)sums[chain];
    return (double)rounds * CHAINS * 2;
}

static double float_generic(long rounds) {
    float sums[CHAINS] = {0};
    volatile float weight = 0.5f, input = 0.25f;
    for (long round = 0; round < rounds; round++) {
        for (int chain = 0; chain < CHAINS; chain++) sums[chain] += weight * input;
    }
    for (int chain = 0; chain < CHAINS; chain++) sink = sums[chain];
    return (double)rounds * CHAINS * 2;
}

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

uint64_t probe_read(const uint8_t *bytes, size_t count) {
    uint64_t sums[8] = {0};
    for (size_t at = 0; at + 64 <= count; at += 64) {
        const uint64_t *words = (const uint64_t *)(bytes + at);
        for (int i = 0; i < 8; i++) sums[i] ^= words[i];
    }
    return sums[0] ^ sums[1] ^ sums[2] ^ sums[3] ^ sums[4] ^ sums[5] ^ sums[6] ^ sums[7];
}
