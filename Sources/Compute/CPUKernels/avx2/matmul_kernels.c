// AVX2 matmul kernels. The instruction set has no 8-bit dot product: `vpmaddubsw` multiplies unsigned weights with signed
// activations and adds neighbours to 16 bits, `vpmaddwd` with ones adds neighbours again. The smaller the weights, the
// more products fit 16 bits before that: 15 * 127 * 2 * 8 = 30480, 31 * 127 * 2 * 4 = 31496, 63 * 127 * 2 * 2 = 32004.

#include "../include/matmul_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "../group_layout.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

// One group's weights, unpacked once for a whole panel of rows: integers as bytes, quad by quad, and scales as floats.
typedef struct UnpackedGroup {
    _Alignas(32) uint8_t integers[8][64];
    float scales[2][16];
    float minimums[2][16];
} UnpackedGroup;

INLINE __m256i load(const void *at) { return _mm256_loadu_si256((const __m256i *)at); }

INLINE __m256 load_halves(const uint8_t *at) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)at)); }

// Four activations in every lane.
INLINE __m256i broadcast_quad(const void *at) {
    int32_t quad;
    __builtin_memcpy(&quad, at, 4);
    return _mm256_set1_epi32(quad);
}

// Quad `quad` (a constant) of 8 features starting at byte `half` (0 or 32) of a group.
INLINE __m256i group_quad(PackedForm form, const uint8_t *group, int quad, int half) {
    const uint8_t *integers = group + form_integers_at(form);
    if (form == PACKED_S8_32) return load(integers + 64 * quad + half);
    __m256i nibbles = load(integers + 64 * (quad & 3) + half);
    if (quad >= 4) nibbles = _mm256_srli_epi16(nibbles, 4);
    __m256i value = _mm256_and_si256(nibbles, _mm256_set1_epi8(15));
    const uint8_t *high = group + form_high_bits_at(form);
    if (form_bits(form) == 5) {
        __m256i bits = load(high + half);
        bits = quad < 4 ? _mm256_slli_epi16(bits, 4 - quad) : _mm256_srli_epi16(bits, quad - 4);
        value = _mm256_or_si256(value, _mm256_and_si256(bits, _mm256_set1_epi8(16)));
    }
    if (form_bits(form) == 6) {
        __m256i bits = load(high + 64 * (quad / 4) + half);
        int shift = 4 - 2 * (quad & 3);
        bits = shift >= 0 ? _mm256_slli_epi16(bits, shift) : _mm256_srli_epi16(bits, -shift);
        value = _mm256_or_si256(value, _mm256_and_si256(bits, _mm256_set1_epi8(48)));
    }
    return value;
}

// How many quads' products fit 16 bits; 0 for signed bytes, which need another multiplication.
INLINE int quads_per_widening(PackedForm form) {
    switch (form_bits(form)) {
    case 4: return 8;
    case 5: return 4;
    case 6: return 2;
    default: return 0;
    }
}

// sum + the products of quads [first, first + 4) with the activations of one row, for 8 features.
// `weights` gives a quad of the features, `values` points at the row's quad 0, quads are `step` bytes apart.
#define ADD_PRODUCTS(FORM, SUM, FIRST, COUNT, WEIGHT, VALUES, STEP)                                                    \
    do {                                                                                                               \
        const int run = quads_per_widening(FORM) < (COUNT) ? quads_per_widening(FORM) : (COUNT);                       \
        if (run == 0) {                                                                                                \
            _Pragma("clang loop unroll(full)") for (int quad = (FIRST); quad < (FIRST) + (COUNT); quad++) {            \
                __m256i weight = WEIGHT(quad), inputs = broadcast_quad((VALUES) + (STEP) * quad);                      \
                __m256i products =                                                                                     \
                    _mm256_maddubs_epi16(_mm256_abs_epi8(weight), _mm256_sign_epi8(inputs, weight));                   \
                SUM = _mm256_add_epi32(SUM, _mm256_madd_epi16(products, _mm256_set1_epi16(1)));                        \
            }                                                                                                          \
        } else {                                                                                                       \
            _Pragma("clang loop unroll(full)") for (int start = (FIRST); start < (FIRST) + (COUNT); start += run) {    \
                __m256i products = _mm256_maddubs_epi16(WEIGHT(start), broadcast_quad((VALUES) + (STEP) * start));     \
                _Pragma("clang loop unroll(full)") for (int quad = start + 1; quad < start + run; quad++) {            \
                    products = _mm256_add_epi16(                                                                       \
                        products, _mm256_maddubs_epi16(WEIGHT(quad), broadcast_quad((VALUES) + (STEP) * quad)));       \
                }                                                                                                      \
                SUM = _mm256_add_epi32(SUM, _mm256_madd_epi16(products, _mm256_set1_epi16(1)));                        \
            }                                                                                                          \
        }                                                                                                              \
    } while (0)

// One row: weights are used as they stream by.
INLINE void multiply_row(PackedForm form, const MatmulTask *task, float sums[16]) {
    const ActivationGroup *activation = task->activations;
    const size_t group_bytes = packed_group_bytes(form);
    const int subgroups = form_subgroups(form), quads = 8 / subgroups;
    __m256 sum[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
    const uint8_t *group = task->tile;
    for (int g = 0; g < task->groups; g++, group += group_bytes, activation++) {
        for (size_t line = 0; line < group_bytes; line += 64) _mm_prefetch((const char *)group + 2560 + line, _MM_HINT_T0);
        __m256 scale = _mm256_set1_ps(activation->scale);
#pragma clang loop unroll(full)
        for (int s = 0; s < subgroups; s++) {
            int32_t total = activation->total;
            if (subgroups == 2) total = s == 0 ? activation->first_half : total - activation->first_half;
#pragma clang loop unroll(full)
            for (int half = 0; half < 2; half++) {
                __m256i product = _mm256_setzero_si256();
#define STREAMED(QUAD) group_quad(form, group, QUAD, 32 * half)
                ADD_PRODUCTS(form, product, s * quads, quads, STREAMED, activation->values, 4);
#undef STREAMED
                if (form_offset(form)) {
                    product = _mm256_sub_epi32(product, _mm256_set1_epi32(form_offset(form) * total));
                }
                __m256 weight_scale = load_halves(group + 32 * s + 16 * half);
                sum[half] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(product), _mm256_mul_ps(weight_scale, scale), sum[half]);
                if (form_has_minimums(form)) {
                    float weighted = subgroups == 1 ? activation->sum : activation->scale * (float)total;
                    __m256 minimum = load_halves(group + form_minimums_at(form) + (size_t)(32 * s + 16 * half));
                    sum[half] = _mm256_fmadd_ps(minimum, _mm256_set1_ps(weighted), sum[half]);
                }
            }
        }
    }
    _mm256_storeu_ps(sums, sum[0]);
    _mm256_storeu_ps(sums + 8, sum[1]);
}

INLINE void unpack_group(PackedForm form, const uint8_t *group, UnpackedGroup *unpacked) {
#pragma clang loop unroll(full)
    for (int quad = 0; quad < 8; quad++) {
        _mm256_store_si256((__m256i *)unpacked->integers[quad], group_quad(form, group, quad, 0));
        _mm256_store_si256((__m256i *)(unpacked->integers[quad] + 32), group_quad(form, group, quad, 32));
    }
    for (int s = 0; s < form_subgroups(form); s++) {
        for (int half = 0; half < 2; half++) {
            _mm256_storeu_ps(unpacked->scales[s] + 8 * half, load_halves(group + 32 * s + 16 * half));
            if (form_has_minimums(form)) {
                const uint8_t *minimums = group + form_minimums_at(form) + (size_t)(32 * s + 16 * half);
                _mm256_storeu_ps(unpacked->minimums[s] + 8 * half, load_halves(minimums));
            }
        }
    }
}

// Adds one group's share to four rows of 16 features in `sums`.
INLINE void multiply_block(PackedForm form, const UnpackedGroup *group, const ActivationBlock *block, float (*sums)[16]) {
    const int subgroups = form_subgroups(form), quads = 8 / subgroups;
    // Four rows at a time fill the registers when all products of a group fit 16 bits; otherwise two.
    const int width = quads_per_widening(form) == 8 ? 4 : 2;
#pragma clang loop unroll(full)
    for (int s = 0; s < subgroups; s++) {
#pragma clang loop unroll(full)
        for (int first = 0; first < MATMUL_ROW_BLOCK; first += width) {
            __m256i products[4][2];
#pragma clang loop unroll(full)
            for (int r = 0; r < width; r++) {
                products[r][0] = products[r][1] = _mm256_setzero_si256();
            }
            const int run = quads_per_widening(form) == 0 ? 1 : quads_per_widening(form) < quads ? quads_per_widening(form) : quads;
#pragma clang loop unroll(full)
            for (int start = s * quads; start < (s + 1) * quads; start += run) {
                __m256i narrow[4][2];
#pragma clang loop unroll(full)
                for (int quad = start; quad < start + run; quad++) {
                    __m256i weights[2] = {load(group->integers[quad]), load(group->integers[quad] + 32)};
#pragma clang loop unroll(full)
                    for (int r = 0; r < width; r++) {
                        __m256i activation = broadcast_quad(block->values[quad][first + r]);
#pragma clang loop unroll(full)
                        for (int half = 0; half < 2; half++) {
                            __m256i product =
                                quads_per_widening(form) == 0
                                    ? _mm256_maddubs_epi16(_mm256_abs_epi8(weights[half]),
                                                           _mm256_sign_epi8(activation, weights[half]))
                                    : _mm256_maddubs_epi16(weights[half], activation);
                            narrow[r][half] =
                                quad == start ? product : _mm256_add_epi16(narrow[r][half], product);
                        }
                    }
                }
#pragma clang loop unroll(full)
                for (int r = 0; r < width; r++) {
#pragma clang loop unroll(full)
                    for (int half = 0; half < 2; half++) {
                        __m256i wide = _mm256_madd_epi16(narrow[r][half], _mm256_set1_epi16(1));
                        products[r][half] = _mm256_add_epi32(products[r][half], wide);
                    }
                }
            }
#pragma clang loop unroll(full)
            for (int r = 0; r < width; r++) {
                int row = first + r;
                int32_t total = block->totals[row];
                if (subgroups == 2) total = s == 0 ? block->first_halves[row] : total - block->first_halves[row];
                __m256 scale = _mm256_set1_ps(block->scales[row]);
                float weighted = subgroups == 1 ? block->sums[row] : block->scales[row] * (float)total;
#pragma clang loop unroll(full)
                for (int half = 0; half < 2; half++) {
                    float *at = sums[row] + 8 * half;
                    __m256i product = products[r][half];
                    if (form_offset(form)) {
                        product = _mm256_sub_epi32(product, _mm256_set1_epi32(form_offset(form) * total));
                    }
                    __m256 weight_scale = _mm256_loadu_ps(group->scales[s] + 8 * half);
                    __m256 sum = _mm256_fmadd_ps(
                        _mm256_cvtepi32_ps(product), _mm256_mul_ps(weight_scale, scale), _mm256_loadu_ps(at));
                    if (form_has_minimums(form)) {
                        __m256 minimum = _mm256_loadu_ps(group->minimums[s] + 8 * half);
                        sum = _mm256_fmadd_ps(minimum, _mm256_set1_ps(weighted), sum);
                    }
                    _mm256_storeu_ps(at, sum);
                }
            }
        }
    }
}

INLINE void write_row(const MatmulTask *task, int row, const float sums[16]) {
    float *output = task->output + (size_t)row * task->output_stride;
    if (task->features == MATMUL_TILE) {
        _mm256_storeu_ps(output, _mm256_loadu_ps(sums));
        _mm256_storeu_ps(output + 8, _mm256_loadu_ps(sums + 8));
    } else {
        for (int feature = 0; feature < task->features; feature++) output[feature] = sums[feature];
    }
}

INLINE void multiply_integers(PackedForm form, const MatmulTask *task) {
    float sums[MATMUL_PANEL_ROWS][16];
    if (task->rows == 1) {
        multiply_row(form, task, sums[0]);
        write_row(task, 0, sums[0]);
        return;
    }
    const int blocks = (task->rows + MATMUL_ROW_BLOCK - 1) / MATMUL_ROW_BLOCK;
    const ActivationBlock *block = task->activations;
    __builtin_memset(sums, 0, (size_t)blocks * MATMUL_ROW_BLOCK * sizeof(sums[0]));
    for (int g = 0; g < task->groups; g++) {
        UnpackedGroup group;
        unpack_group(form, task->tile + (size_t)g * packed_group_bytes(form), &group);
        for (int b = 0; b < blocks; b++, block++) multiply_block(form, &group, block, sums + MATMUL_ROW_BLOCK * b);
    }
    for (int row = 0; row < task->rows; row++) write_row(task, row, sums[row]);
}

// Sixteen float weights of one column.
INLINE void column_weights(PackedForm form, const uint8_t *tile, size_t column, __m256 weights[2]) {
    for (size_t half = 0; half < 2; half++) {
        size_t index = column * 16 + 8 * half;
        if (form == PACKED_F32) {
            weights[half] = _mm256_loadu_ps((const float *)tile + index);
        } else if (form == PACKED_F16) {
            weights[half] = load_halves(tile + 2 * index);
        } else {
            __m128i bits = _mm_loadu_si128((const __m128i *)(tile + 2 * index));
            weights[half] = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
        }
    }
}

// `rows` (at most 6, a constant) rows of float activations.
INLINE void multiply_float_rows(PackedForm form, const MatmulTask *task, int first, const int rows) {
    __m256 sums[6][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = _mm256_setzero_ps();
    const float *x = task->source + (size_t)first * task->source_stride;
    for (size_t column = 0; column < (size_t)task->groups * MATMUL_GROUP; column++) {
        __m256 weights[2];
        column_weights(form, task->tile, column, weights);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            __m256 activation = _mm256_broadcast_ss(x + (size_t)r * task->source_stride + column);
            sums[r][0] = _mm256_fmadd_ps(weights[0], activation, sums[r][0]);
            sums[r][1] = _mm256_fmadd_ps(weights[1], activation, sums[r][1]);
        }
    }
    for (int r = 0; r < rows; r++) {
        float row[16];
        _mm256_storeu_ps(row, sums[r][0]);
        _mm256_storeu_ps(row + 8, sums[r][1]);
        write_row(task, first + r, row);
    }
}

INLINE void multiply_floats(PackedForm form, const MatmulTask *task) {
    int row = 0;
    for (; row + 6 <= task->rows; row += 6) multiply_float_rows(form, task, row, 6);
    for (; row + 2 <= task->rows; row += 2) multiply_float_rows(form, task, row, 2);
    for (; row < task->rows; row++) multiply_float_rows(form, task, row, 1);
}

static void quantize_avx2(const float *x, ActivationGroup *group) {
    __m256 parts[4], largest = _mm256_setzero_ps();
    for (int i = 0; i < 4; i++) {
        parts[i] = _mm256_loadu_ps(x + 8 * i);
        largest = _mm256_max_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0f), parts[i]), largest);
    }
    __m128 most = _mm_max_ps(_mm256_castps256_ps128(largest), _mm256_extractf128_ps(largest, 1));
    most = _mm_max_ps(most, _mm_movehl_ps(most, most));
    most = _mm_max_ss(most, _mm_movehdup_ps(most));
    float maximum = _mm_cvtss_f32(most), scale = maximum / 127.0f, inverse = maximum > 0 ? 127.0f / maximum : 0;
    __m256i integers[4];
    for (int i = 0; i < 4; i++) integers[i] = _mm256_cvtps_epi32(_mm256_mul_ps(parts[i], _mm256_set1_ps(inverse)));
    __m256i low = _mm256_packs_epi32(integers[0], integers[1]), high = _mm256_packs_epi32(integers[2], integers[3]);
    __m256i bytes = _mm256_packs_epi16(low, high);
    bytes = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    _mm256_storeu_si256((__m256i *)group->values, bytes);
    __m256i ones = _mm256_set1_epi16(1);
    __m256i pairs = _mm256_hadd_epi32(_mm256_madd_epi16(low, ones), _mm256_madd_epi16(high, ones));
    pairs = _mm256_hadd_epi32(pairs, pairs);
    __m128i sums = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
    group->first_half = _mm_cvtsi128_si32(sums);
    group->total = group->first_half + _mm_extract_epi32(sums, 1);
    group->scale = scale;
    group->sum = scale * (float)group->total;
}

#define INTEGER_FORM(FORM) \
    static void multiply_##FORM(const MatmulTask *task) { multiply_integers(PACKED_##FORM, task); }
#define FLOAT_FORM(FORM) \
    static void multiply_##FORM(const MatmulTask *task) { multiply_floats(PACKED_##FORM, task); }
#include "../matmul_forms.h"

#pragma clang attribute pop

const MatmulKernels matmul_kernels_avx2 = MATMUL_KERNEL_TABLE("avx2", quantize_avx2);
#endif
