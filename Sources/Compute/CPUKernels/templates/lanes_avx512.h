// Sixteen floats at once, the vocabulary that the templates in this folder are written in.

#include <immintrin.h>

#define LANES 16
typedef __m512 lanes;

static inline lanes lanes_load(const float *p) { return _mm512_loadu_ps(p); }
static inline void lanes_store(float *p, lanes a) { _mm512_storeu_ps(p, a); }
static inline lanes lanes_all(float a) { return _mm512_set1_ps(a); }
static inline lanes lanes_add(lanes a, lanes b) { return _mm512_add_ps(a, b); }
static inline lanes lanes_subtract(lanes a, lanes b) { return _mm512_sub_ps(a, b); }
static inline lanes lanes_multiply(lanes a, lanes b) { return _mm512_mul_ps(a, b); }
static inline lanes lanes_divide(lanes a, lanes b) { return _mm512_div_ps(a, b); }
static inline lanes lanes_fma(lanes a, lanes b, lanes c) { return _mm512_fmadd_ps(a, b, c); }
// c - a * b
static inline lanes lanes_fnma(lanes a, lanes b, lanes c) { return _mm512_fnmadd_ps(a, b, c); }
// b where either is NaN.
static inline lanes lanes_max(lanes a, lanes b) { return _mm512_max_ps(a, b); }
static inline lanes lanes_min(lanes a, lanes b) { return _mm512_min_ps(a, b); }
static inline lanes lanes_round(lanes a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT); }

static inline lanes lanes_load_half(const uint16_t *p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}
static inline void lanes_store_half(uint16_t *p, lanes a) {
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
}

static inline lanes lanes_load_bf16(const uint16_t *p) {
    __m512i bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(bits, 16));
}
// Rounds to nearest, ties to even; subnormal numbers become zero.
static inline void lanes_store_bf16(uint16_t *p, lanes a) {
#ifdef NATIVE_BF16
    _mm256_storeu_si256((__m256i *)p, (__m256i)_mm512_cvtneps_pbh(a));
#else
    __m512i bits = _mm512_castps_si512(a), sign = _mm512_and_si512(bits, _mm512_set1_epi32((int)0x80000000));
    __m512i tie = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    __m512i rounded = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7FFF)), tie);
    __mmask16 is_normal = _mm512_cmpge_epu32_mask(_mm512_xor_si512(bits, sign), _mm512_set1_epi32(0x00800000));
    rounded = _mm512_mask_mov_epi32(sign, is_normal, rounded);
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16)));
#endif
}

// Operands of products of bfloat16 pairs, which are added in single precision: of each pair the second first. With the
// instruction for that, a pair is one operand; otherwise its halves are multiplied in two passes, 1 and then 0.
#ifdef NATIVE_BF16
#define FIRST_PASS 0
typedef __m512i pairs;
static inline pairs pairs_of(__m512i bits, int pass) { return (void)pass, bits; }
static inline lanes pairs_fma(pairs a, pairs b, lanes c) { return _mm512_dpbf16_ps(c, (__m512bh)a, (__m512bh)b); }
#else
#define FIRST_PASS 1
typedef __m512 pairs;
static inline pairs pairs_of(__m512i bits, int pass) {
    return _mm512_castsi512_ps(
        pass ? _mm512_and_si512(bits, _mm512_set1_epi32((int)0xFFFF0000)) : _mm512_slli_epi32(bits, 16));
}
static inline lanes pairs_fma(pairs a, pairs b, lanes c) { return _mm512_fmadd_ps(a, b, c); }
#endif
static inline pairs pairs_load(const uint32_t *p, int pass) { return pairs_of(_mm512_loadu_si512(p), pass); }
// Only the first of each pair, zero for the second, whatever is there.
static inline pairs pairs_load_first(const uint32_t *p, int pass) {
    return pairs_of(_mm512_and_si512(_mm512_loadu_si512(p), _mm512_set1_epi32(0xFFFF)), pass);
}
static inline pairs pairs_all(uint32_t pair, int pass) { return pairs_of(_mm512_set1_epi32((int)pair), pass); }

static inline lanes lanes_load_bytes(const int8_t *p) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)p)));
}
// Rounds to nearest; numbers past the range of 8 bits are clamped to it.
static inline void lanes_store_bytes(int8_t *p, lanes a) {
    _mm_storeu_si128((__m128i *)p, _mm512_cvtsepi32_epi8(_mm512_cvtps_epi32(a)));
}

// Bit i: a[i] >= b[i].
static inline unsigned lanes_at_least(lanes a, lanes b) { return _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ); }
static inline unsigned lanes_greater(lanes a, lanes b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }
static inline unsigned lanes_equal(lanes a, lanes b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
// a where x >= limit, else 0.
static inline lanes lanes_zero_below(lanes a, lanes x, lanes limit) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, limit, _CMP_GE_OQ), a);
}
// a * 2^n for whole n.
static inline lanes lanes_scale(lanes a, lanes n) {
    __m512i power = _mm512_slli_epi32(_mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127)), 23);
    return _mm512_mul_ps(a, _mm512_castsi512_ps(power));
}
// a[i] where low <= i < high, else -infinity.
static inline lanes lanes_keep(lanes a, int low, int high) {
    low = low < 0 ? 0 : low > 16 ? 16 : low;
    high = high < 0 ? 0 : high > 16 ? 16 : high;
    __mmask16 inside = (__mmask16)(((1u << high) - 1) & ~((1u << low) - 1));
    return _mm512_mask_mov_ps(_mm512_set1_ps(-INFINITY), inside, a);
}
static inline float lanes_sum(lanes a) {
    __m256 half = _mm256_add_ps(
        _mm512_castps512_ps256(a), _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a), 1)));
    __m128 b = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    b = _mm_add_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_add_ss(b, _mm_movehdup_ps(b)));
}
static inline float lanes_maximum(lanes a) {
    __m256 half = _mm256_max_ps(
        _mm512_castps512_ps256(a), _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(a), 1)));
    __m128 b = _mm_max_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    b = _mm_max_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_max_ss(b, _mm_movehdup_ps(b)));
}
// Even and odd elements of 2 * LANES consecutive floats, and back.
static inline void lanes_load_pairs(const float *p, lanes *even, lanes *odd) {
    lanes a = _mm512_loadu_ps(p), b = _mm512_loadu_ps(p + 16);
    __m512i e = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    __m512i o = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    *even = _mm512_permutex2var_ps(a, e, b);
    *odd = _mm512_permutex2var_ps(a, o, b);
}
static inline void lanes_store_pairs(float *p, lanes even, lanes odd) {
    __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    __m512i high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    _mm512_storeu_ps(p, _mm512_permutex2var_ps(even, low, odd));
    _mm512_storeu_ps(p + 16, _mm512_permutex2var_ps(even, high, odd));
}
