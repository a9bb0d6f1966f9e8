// AVX-512 matmul kernels: one `vpdpbusd` multiplies a quad of 16 features with a quad of activations. It takes unsigned
// weights; signed bytes are moved up by 128 and the sum of the activations times 128 is taken off again.

#include "../include/matmul_kernels.h"

#if defined(__x86_64__)
#ifndef AVX512_EMULATED
#include <immintrin.h>
#endif

#include "../group_layout.h"

#ifndef AVX512_EMULATED
#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), apply_to = function)
#endif

// One group's weights, unpacked once for a whole panel of rows.
typedef struct UnpackedGroup {
    _Alignas(64) uint8_t integers[8][64];
    _Alignas(64) float scales[2][16];
    _Alignas(64) float minimums[2][16];
} UnpackedGroup;

INLINE __m512i load(const void *at) { return _mm512_loadu_si512(at); }

INLINE __m512 load_halves(const uint8_t *at) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)at)); }

// Four activations in every lane.
INLINE __m512i broadcast_quad(const void *at) {
    int32_t quad;
    __builtin_memcpy(&quad, at, 4);
    return _mm512_set1_epi32(quad);
}

// What is subtracted from the unsigned integers that the kernel multiplies.
INLINE int unsigned_offset(PackedForm form) { return form_is_signed(form) ? 128 : form_offset(form); }

// Shifts 16-bit lanes up by `count`, or down if it is negative; bits that come from neighbours are masked off later.
INLINE __m512i shift(__m512i lanes, int count) {
    return count >= 0 ? _mm512_slli_epi16(lanes, (unsigned)count) : _mm512_srli_epi16(lanes, (unsigned)-count);
}

INLINE __m512i mask(__m512i bytes, int bits) { return _mm512_and_si512(bytes, _mm512_set1_epi8((char)bits)); }

// Quad `quad` (a constant) of a group as unsigned bytes.
INLINE __m512i group_quad(PackedForm form, const uint8_t *group, int quad) {
    const uint8_t *integers = group + form_integers_at(form);
    if (form == PACKED_S8_32) return _mm512_xor_si512(load(integers + 64 * quad), _mm512_set1_epi8((char)0x80));
    __m512i value = _mm512_setzero_si512();
    if (form_bits(form) >= 4) value = mask(shift(load(integers + 64 * (quad & 3)), quad < 4 ? 0 : -4), 15);
    if (form == PACKED_C4_32) {
        __m512i table = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)iq4_values));
        return _mm512_xor_si512(_mm512_shuffle_epi8(table, value), _mm512_set1_epi8((char)0x80));
    }
    if (form_has_two_bit_plane(form)) {
        const int up = form_two_bits_shift(form);
        __m512i bits = shift(load(group + form_two_bits_at(form) + 64 * (quad / 4)), up - 2 * (quad & 3));
        value = _mm512_or_si512(value, mask(bits, 3 << up));
    }
    if (form_has_one_bit_plane(form)) {
        const int up = form_one_bit_shift(form);
        value = _mm512_or_si512(value, mask(shift(load(group + form_one_bit_at(form)), up - quad), 1 << up));
    }
    return value;
}

// One (sub)group's step: sum += products * scales (+ minimums * activation sum).
INLINE __m512 add_group(PackedForm form, __m512 sum, __m512i products, __m512 weight_scales, __m512 minimums,
                        float scale, float weighted) {
    __m512 scales = _mm512_mul_ps(weight_scales, _mm512_set1_ps(scale));
    sum = _mm512_fmadd_ps(_mm512_cvtepi32_ps(products), scales, sum);
    return form_has_minimums(form) ? _mm512_fmadd_ps(minimums, _mm512_set1_ps(weighted), sum) : sum;
}

// One row: weights are used as they stream by.
INLINE __m512 multiply_row(PackedForm form, const MatmulTask *task) {
    const ActivationGroup *activation = task->activations;
    const size_t group_bytes = packed_group_bytes(form);
    const int subgroups = form_subgroups(form), quads = 8 / subgroups;
    __m512 sum = _mm512_setzero_ps();
    const uint8_t *group = task->tile;
    for (int g = 0; g < task->groups; g++, group += group_bytes, activation++) {
        for (size_t line = 0; line < group_bytes; line += 64) {
            _mm_prefetch((const char *)group + 2560 + line, _MM_HINT_T0);
        }
#pragma clang loop unroll(full)
        for (int s = 0; s < subgroups; s++) {
            int32_t total = activation->total;
            if (subgroups == 2) total = s == 0 ? activation->first_half : total - activation->first_half;
            // Two chains hide the latency of the dot product; integer sums don't depend on the order.
            __m512i products[2] = {_mm512_set1_epi32(-unsigned_offset(form) * total), _mm512_setzero_si512()};
#pragma clang loop unroll(full)
            for (int quad = s * quads; quad < (s + 1) * quads; quad++) {
                products[quad & 1] = _mm512_dpbusd_epi32(
                    products[quad & 1], group_quad(form, group, quad), broadcast_quad(activation->values + 4 * quad));
            }
            float weighted = subgroups == 1 ? activation->sum : activation->scale * (float)total;
            __m512 minimums = _mm512_setzero_ps();
            if (form_has_minimums(form)) minimums = load_halves(group + form_minimums_at(form) + (size_t)(32 * s));
            sum = add_group(form, sum, _mm512_add_epi32(products[0], products[1]), load_halves(group + 32 * s),
                            minimums, activation->scale, weighted);
        }
    }
    return sum;
}

INLINE void unpack_group(PackedForm form, const uint8_t *group, UnpackedGroup *unpacked) {
#pragma clang loop unroll(full)
    for (int quad = 0; quad < 8; quad++) {
        _mm512_storeu_si512(unpacked->integers[quad], group_quad(form, group, quad));
    }
    for (int s = 0; s < form_subgroups(form); s++) {
        _mm512_storeu_ps(unpacked->scales[s], load_halves(group + 32 * s));
        if (form_has_minimums(form)) {
            _mm512_storeu_ps(
                unpacked->minimums[s], load_halves(group + form_minimums_at(form) + (size_t)(32 * s)));
        }
    }
}

// Adds one group's share to `pairs` (1 or 2, a constant) blocks of four rows of 16 features in `sums`.
INLINE void multiply_blocks(PackedForm form, const UnpackedGroup *group, const ActivationBlock *block, const int pairs,
                            float (*sums)[16]) {
    const int subgroups = form_subgroups(form), quads = 8 / subgroups, rows = MATMUL_ROW_BLOCK * pairs;
#pragma clang loop unroll(full)
    for (int s = 0; s < subgroups; s++) {
        __m512i products[2 * MATMUL_ROW_BLOCK];
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            const ActivationBlock *own = block + r / MATMUL_ROW_BLOCK;
            int32_t total = own->totals[r % MATMUL_ROW_BLOCK];
            int32_t first_half = own->first_halves[r % MATMUL_ROW_BLOCK];
            if (subgroups == 2) total = s == 0 ? first_half : total - first_half;
            products[r] = _mm512_set1_epi32(-unsigned_offset(form) * total);
        }
#pragma clang loop unroll(full)
        for (int quad = s * quads; quad < (s + 1) * quads; quad++) {
            __m512i weights = load(group->integers[quad]);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++) {
                const ActivationBlock *own = block + r / MATMUL_ROW_BLOCK;
                products[r] = _mm512_dpbusd_epi32(
                    products[r], weights, broadcast_quad(own->values[quad][r % MATMUL_ROW_BLOCK]));
            }
        }
        __m512 scales = _mm512_loadu_ps(group->scales[s]), minimums = _mm512_loadu_ps(group->minimums[s]);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            const ActivationBlock *own = block + r / MATMUL_ROW_BLOCK;
            int at = r % MATMUL_ROW_BLOCK;
            int32_t total = own->totals[at];
            if (subgroups == 2) total = s == 0 ? own->first_halves[at] : total - own->first_halves[at];
            float weighted = subgroups == 1 ? own->sums[at] : own->scales[at] * (float)total;
            __m512 sum = _mm512_loadu_ps(sums[r]);
            _mm512_storeu_ps(sums[r], add_group(form, sum, products[r], scales, minimums, own->scales[at], weighted));
        }
    }
}

INLINE void write_row(const MatmulTask *task, int row, __m512 sum) {
    float *output = task->output + (size_t)row * task->output_stride;
    _mm512_mask_storeu_ps(output, (__mmask16)((1u << task->features) - 1), sum);
}

INLINE void multiply_integers(PackedForm form, const MatmulTask *task) {
    if (task->rows == 1) {
        write_row(task, 0, multiply_row(form, task));
        return;
    }
    _Alignas(64) float sums[MATMUL_PANEL_ROWS][16];
    const int blocks = (task->rows + MATMUL_ROW_BLOCK - 1) / MATMUL_ROW_BLOCK;
    const ActivationBlock *block = task->activations;
    __builtin_memset(sums, 0, (size_t)blocks * MATMUL_ROW_BLOCK * sizeof(sums[0]));
    for (int g = 0; g < task->groups; g++, block += blocks) {
        UnpackedGroup group;
        unpack_group(form, task->tile + (size_t)g * packed_group_bytes(form), &group);
        int b = 0;
        for (; b + 2 <= blocks; b += 2) multiply_blocks(form, &group, block + b, 2, sums + MATMUL_ROW_BLOCK * b);
        if (b < blocks) multiply_blocks(form, &group, block + b, 1, sums + MATMUL_ROW_BLOCK * b);
    }
    for (int row = 0; row < task->rows; row++) write_row(task, row, _mm512_loadu_ps(sums[row]));
}

// Sixteen float weights of one column.
INLINE __m512 column_weights(PackedForm form, const uint8_t *tile, size_t column) {
    if (form == PACKED_F32) return _mm512_loadu_ps((const float *)tile + column * 16);
    if (form == PACKED_F16) return load_halves(tile + column * 32);
    __m256i bits = _mm256_loadu_si256((const __m256i *)(tile + column * 32));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

// `rows` (at most 12, a constant) rows of float activations.
INLINE void multiply_float_rows(PackedForm form, const MatmulTask *task, int first, const int rows) {
    __m512 sums[12];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sums[r] = _mm512_setzero_ps();
    const float *x = task->source + (size_t)first * task->source_stride;
    for (size_t column = 0; column < (size_t)task->groups * MATMUL_GROUP; column++) {
        __m512 weights = column_weights(form, task->tile, column);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            sums[r] = _mm512_fmadd_ps(weights, _mm512_set1_ps(x[(size_t)r * task->source_stride + column]), sums[r]);
        }
    }
    for (int r = 0; r < rows; r++) write_row(task, first + r, sums[r]);
}

INLINE void multiply_floats(PackedForm form, const MatmulTask *task) {
    int row = 0;
    for (; row + 12 <= task->rows; row += 12) multiply_float_rows(form, task, row, 12);
    for (; row + 4 <= task->rows; row += 4) multiply_float_rows(form, task, row, 4);
    for (; row < task->rows; row++) multiply_float_rows(form, task, row, 1);
}

static void quantize_avx512(const float *x, ActivationGroup *group) {
    __m512 parts[2] = {_mm512_loadu_ps(x), _mm512_loadu_ps(x + 16)};
    float maximum = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(parts[0]), _mm512_abs_ps(parts[1])));
    // Smaller numbers are as good as zero, and their inverse could overflow.
    if (maximum < 0x1p-100f) maximum = 0;
    float scale = maximum / 127.0f, inverse = maximum > 0 ? 127.0f / maximum : 0;
    for (int i = 0; i < 2; i++) {
        __m512i integers = _mm512_cvtps_epi32(_mm512_mul_ps(parts[i], _mm512_set1_ps(inverse)));
        _mm_storeu_si128((__m128i *)(group->values + 16 * i), _mm512_cvtsepi32_epi8(integers));
    }
    // Neighbours' sums, then the four quads of each half of the group: a lane's low 32 bits hold the two pair sums.
    __m256i bytes = _mm256_loadu_si256((const __m256i *)group->values);
    __m256i pairs = _mm256_maddubs_epi16(_mm256_set1_epi8(1), bytes);
    pairs = _mm256_add_epi16(pairs, _mm256_shuffle_epi32(pairs, 0x4E));
    pairs = _mm256_add_epi16(pairs, _mm256_shuffle_epi32(pairs, 0xB1));
    __m128i first = _mm256_castsi256_si128(pairs);
    _mm_storeu_si32(group->first_pairs, first);
    _mm_storeu_si32(group->pairs, _mm_add_epi16(first, _mm256_extracti128_si256(pairs, 1)));
    group->first_half = group->first_pairs[0] + group->first_pairs[1];
    group->total = group->pairs[0] + group->pairs[1];
    group->scale = scale;
    group->sum = scale * (float)group->total;
}

#define INTEGER_FORM(FORM) \
    static void multiply_##FORM(const MatmulTask *task) { multiply_integers(PACKED_##FORM, task); }
#define FLOAT_FORM(FORM) \
    static void multiply_##FORM(const MatmulTask *task) { multiply_floats(PACKED_##FORM, task); }
#include "../matmul_forms.h"

#ifndef AVX512_EMULATED
#pragma clang attribute pop
#endif

const MatmulKernels matmul_kernels_avx512 = MATMUL_KERNEL_TABLE("avx512", quantize_avx512);
#endif
