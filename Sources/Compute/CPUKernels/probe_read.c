#include "include/probe_kernels.h"

// Bytes of a stream between two turns of the other streams.
enum { STEP = 256 };

// Defines a function that loads the streams with VECTORs of WIDTH bytes. The loads' results are wanted by nobody, so
// that nothing but the loads can be the limit.
#define READ(NAME, FEATURES, VECTOR, WIDTH, LOAD)                                                    \
    FEATURES static inline __attribute__((always_inline)) void NAME##_streams(                       \
        const uint8_t *bytes, size_t stretch, const int streams                                      \
    ) {                                                                                              \
        for (size_t at = 0; at + STEP <= stretch; at += STEP) {                                      \
            _Pragma("clang loop unroll(full)") for (int stream = 0; stream < streams; stream++) {    \
                const uint8_t *from = bytes + (size_t)stream * stretch + at;                         \
                _Pragma("clang loop unroll(full)") for (int i = 0; i < STEP; i += WIDTH) {           \
                    VECTOR value = LOAD(from + i);                                                   \
                    __asm__ volatile("" : : KEEP(value));                                            \
                }                                                                                    \
            }                                                                                        \
        }                                                                                            \
    }                                                                                                \
    FEATURES static void NAME(const uint8_t *bytes, size_t stretch, int streams) {                   \
        switch (streams) {                                                                           \
        case 4: NAME##_streams(bytes, stretch, 4); break;                                            \
        case 2: NAME##_streams(bytes, stretch, 2); break;                                            \
        default: NAME##_streams(bytes, stretch, 1);                                                  \
        }                                                                                            \
    }

#if defined(__x86_64__)
#include <immintrin.h>

#define KEEP(value) "x"(value)
#define LOAD_AVX512(from) _mm512_loadu_si512(from)
#define LOAD_AVX2(from) _mm256_loadu_si256((const __m256i *)(from))
#define LOAD_PORTABLE(from) _mm_loadu_si128((const __m128i *)(from))

READ(read_avx512, __attribute__((target("avx512f"))), __m512i, 64, LOAD_AVX512)
READ(read_avx2, __attribute__((target("avx2"))), __m256i, 32, LOAD_AVX2)
READ(read_portable, , __m128i, 16, LOAD_PORTABLE)
#else
#define KEEP(value) "r"(value)
#define LOAD_PORTABLE(from) (*(const uint64_t *)(from))

READ(read_portable, , uint64_t, 8, LOAD_PORTABLE)
#endif

size_t probe_read(int level, const uint8_t *bytes, size_t count, int streams) {
    size_t stretch = count / (size_t)streams / STEP * STEP;
#if defined(__x86_64__)
    if (level >= 2) {
        read_avx512(bytes, stretch, streams);
    } else if (level == 1) {
        read_avx2(bytes, stretch, streams);
    } else {
        read_portable(bytes, stretch, streams);
    }
#else
    (void)level;
    read_portable(bytes, stretch, streams);
#endif
    return stretch * (size_t)streams;
}
