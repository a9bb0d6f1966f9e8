// Eight floats at once, the vocabulary that the templates in this folder are written in.

#include <immintrin.h>

#define LANES 8
typedef __m256 lanes;

static inline lanes lanes_load(const float *p) { return _mm256_loadu_ps(p); }
static inline void lanes_store(float *p, lanes a) { _mm256_storeu_ps(p, a); }
static inline lanes lanes_all(float a) { return _mm256_set1_ps(a); }
static inline lanes lanes_add(lanes a, lanes b) { return _mm256_add_ps(a, b); }
static inline lanes lanes_subtract(lanes a, lanes b) { return _mm256_sub_ps(a, b); }
static inline lanes lanes_multiply(lanes a, lanes b) { return _mm256_mul_ps(a, b); }
static inline lanes lanes_divide(lanes a, lanes b) { return _mm256_div_ps(a, b); }
static inline lanes lanes_fma(lanes a, lanes b, lanes c) { return _mm256_fmadd_ps(a, b, c); }
// c - a * b
static inline lanes lanes_fnma(lanes a, lanes b, lanes c) { return _mm256_fnmadd_ps(a, b, c); }
// b where either is NaN.
static inline lanes lanes_max(lanes a, lanes b) { return _mm256_max_ps(a, b); }
static inline lanes lanes_min(lanes a, lanes b) { return _mm256_min_ps(a, b); }
static inline lanes lanes_round(lanes a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

static inline lanes lanes_load_half(const uint16_t *p) {
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p));
}
static inline void lanes_store_half(uint16_t *p, lanes a) {
    _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT));
}

static inline lanes lanes_load_bf16(const uint16_t *p) {
    __m256i bits = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p));
    return _mm256_castsi256_ps(_mm256_slli_epi32(bits, 16));
}
// Rounds to nearest, ties to even; subnormal numbers become zero.
static inline void lanes_store_bf16(uint16_t *p, lanes a) {
    __m256i bits = _mm256_castps_si256(a), sign = _mm256_and_si256(bits, _mm256_set1_epi32((int)0x80000000));
    __m256i tie = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
    __m256i rounded = _mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7FFF)), tie);
    __m256i is_normal = _mm256_cmpgt_epi32(_mm256_xor_si256(bits, sign), _mm256_set1_epi32(0x007FFFFF));
    rounded = _mm256_srli_epi32(_mm256_blendv_epi8(sign, rounded, is_normal), 16);
    __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
    _mm_storeu_si128((__m128i *)p, words);
}

// Operands of products of bfloat16 pairs, which are added in single precision: the halves of each pair are multiplied
// in two passes, 1 for the second and then 0.
#define FIRST_PASS 1
typedef __m256 pairs;
static inline pairs pairs_of(__m256i bits, int pass) {
    return _mm256_castsi256_ps(
        pass ? _mm256_and_si256(bits, _mm256_set1_epi32((int)0xFFFF0000)) : _mm256_slli_epi32(bits, 16));
}
static inline lanes pairs_fma(pairs a, pairs b, lanes c) { return _mm256_fmadd_ps(a, b, c); }
static inline pairs pairs_load(const uint32_t *p, int pass) {
    return pairs_of(_mm256_loadu_si256((const __m256i *)p), pass);
}
// Only the first of each pair, zero for the second, whatever is there.
static inline pairs pairs_load_first(const uint32_t *p, int pass) {
    return pairs_of(_mm256_and_si256(_mm256_loadu_si256((const __m256i *)p), _mm256_set1_epi32(0xFFFF)), pass);
}
static inline pairs pairs_all(uint32_t pair, int pass) { return pairs_of(_mm256_set1_epi32((int)pair), pass); }

static inline lanes lanes_load_bytes(const int8_t *p) {
    return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)p)));
}
// Rounds to nearest; numbers past the range of 8 bits are clamped to it.
static inline void lanes_store_bytes(int8_t *p, lanes a) {
    __m256i integers = _mm256_cvtps_epi32(a);
    __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(integers), _mm256_extracti128_si256(integers, 1));
    _mm_storel_epi64((__m128i *)p, _mm_packs_epi16(words, words));
}

// Bit i: a[i] >= b[i].
static inline unsigned lanes_at_least(lanes a, lanes b) {
    return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GE_OQ));
}
static inline unsigned lanes_greater(lanes a, lanes b) {
    return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ));
}
static inline unsigned lanes_equal(lanes a, lanes b) {
    return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_EQ_OQ));
}
// a where x >= limit, else 0.
static inline lanes lanes_zero_below(lanes a, lanes x, lanes limit) {
    return _mm256_and_ps(a, _mm256_cmp_ps(x, limit, _CMP_GE_OQ));
}
// a * 2^n for whole n.
static inline lanes lanes_scale(lanes a, lanes n) {
    __m256i power = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return _mm256_mul_ps(a, _mm256_castsi256_ps(power));
}
// a[i] where low <= i < high, else -infinity.
static inline lanes lanes_keep(lanes a, int low, int high) {
    __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i outside = _mm256_or_si256(
        _mm256_cmpgt_epi32(_mm256_set1_epi32(low), index), _mm256_cmpgt_epi32(index, _mm256_set1_epi32(high - 1)));
    return _mm256_blendv_ps(a, _mm256_set1_ps(-INFINITY), _mm256_castsi256_ps(outside));
}
static inline float lanes_sum(lanes a) {
    __m128 b = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    b = _mm_add_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_add_ss(b, _mm_movehdup_ps(b)));
}
static inline float lanes_maximum(lanes a) {
    __m128 b = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    b = _mm_max_ps(b, _mm_movehl_ps(b, b));
    return _mm_cvtss_f32(_mm_max_ss(b, _mm_movehdup_ps(b)));
}
// Even and odd elements of 2 * LANES consecutive floats, and back.
static inline void lanes_load_pairs(const float *p, lanes *even, lanes *odd) {
    lanes a = _mm256_loadu_ps(p), b = _mm256_loadu_ps(p + 8);
    __m256d e = _mm256_castps_pd(_mm256_shuffle_ps(a, b, 0x88)), o = _mm256_castps_pd(_mm256_shuffle_ps(a, b, 0xdd));
    *even = _mm256_castpd_ps(_mm256_permute4x64_pd(e, 0xd8));
    *odd = _mm256_castpd_ps(_mm256_permute4x64_pd(o, 0xd8));
}
static inline void lanes_store_pairs(float *p, lanes even, lanes odd) {
    lanes low = _mm256_unpacklo_ps(even, odd), high = _mm256_unpackhi_ps(even, odd);
    _mm256_storeu_ps(p, _mm256_permute2f128_ps(low, high, 0x20));
    _mm256_storeu_ps(p + 8, _mm256_permute2f128_ps(low, high, 0x31));
}
