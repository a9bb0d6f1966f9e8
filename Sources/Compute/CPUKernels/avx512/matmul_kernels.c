// AVX-512 matmul kernels: one `vpdpbusd` multiplies a quad of 16 features with a quad of activations. It takes unsigned
// weights; signed bytes are moved up by 128 and the sum of the activations times 128 is taken off again.

#include "../include/matmul_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "../group_layout.h"
#include "../half.h"

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), apply_to = function)

// The two numbers of each pair of columns as floats.
INLINE __m512 pair_first(__m512i pairs) { return _mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16)); }
INLINE __m512 pair_second(__m512i pairs) {
    return _mm512_castsi512_ps(_mm512_and_si512(pairs, _mm512_set1_epi32((int)0xFFFF0000)));
}

INLINE __m512 add_pairs(__m512 sum, __m512i weights, __m512i activations) {
    sum = _mm512_fmadd_ps(pair_second(weights), pair_second(activations), sum);
    return _mm512_fmadd_ps(pair_first(weights), pair_first(activations), sum);
}

#include "bf16_products.h"
#include "factor_products.h"
#include "float_products.h"
#include "packed_weights.h"
#include "quantize.h"
#include "write_row.h"

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
    const int subgroups = form_subgroups(form), quads = 8 / subgroups;
    __m512 sum = _mm512_setzero_ps();
    for (int g = 0; g < task->groups; g++, activation++) {
        PackedGroup group = packed_group(form, task->tile, g);
        prefetch_group(form, task->tile, g);
#pragma clang loop unroll(full)
        for (int s = 0; s < subgroups; s++) {
            int32_t total = activation->total;
            if (subgroups == 2) total = s == 0 ? activation->first_half : total - activation->first_half;
            // Two chains hide the latency of the dot product; integer sums don't depend on the order.
            __m512i products[2] = {_mm512_set1_epi32(-unsigned_offset(form) * total), _mm512_setzero_si512()};
#pragma clang loop unroll(full)
            for (int quad = s * quads; quad < (s + 1) * quads; quad++) {
                products[quad & 1] = _mm512_dpbusd_epi32(
                    products[quad & 1], group_quad(form, group.integers, quad),
                    broadcast_quad(activation->values + 4 * quad));
            }
            float weighted = subgroups == 1 ? activation->sum : activation->scale * (float)total;
            __m512 minimums = _mm512_setzero_ps();
            if (form_has_minimums(form)) minimums = group_scales(form, group, subgroups + s);
            sum = add_group(form, sum, _mm512_add_epi32(products[0], products[1]), group_scales(form, group, s),
                            minimums, activation->scale, weighted);
        }
    }
    return sum;
}

// Adds one group's share to `rows` rows (2, or one or two blocks, a constant) of 16 features in `sums`, which the first
// group writes. Weights are `packed`, to be unpacked in registers, or else in `group`.
INLINE void multiply_blocks(PackedForm form, const PackedGroup *packed, const UnpackedGroup *group,
                            const ActivationBlock *block, const int rows, int is_first, float (*sums)[16]) {
    const int subgroups = form_subgroups(form), quads = 8 / subgroups;
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
            __m512i weights = packed ? group_quad(form, packed->integers, quad) : load(group->integers[quad]);
#pragma clang loop unroll(full)
            for (int r = 0; r < rows; r++) {
                const ActivationBlock *own = block + r / MATMUL_ROW_BLOCK;
                products[r] = _mm512_dpbusd_epi32(
                    products[r], weights, broadcast_quad(own->values[quad][r % MATMUL_ROW_BLOCK]));
            }
        }
        __m512 scales = packed ? group_scales(form, *packed, s) : _mm512_loadu_ps(group->scales[s]);
        __m512 minimums = _mm512_setzero_ps();
        if (form_has_minimums(form)) {
            minimums = packed ? group_scales(form, *packed, subgroups + s) : _mm512_loadu_ps(group->minimums[s]);
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            const ActivationBlock *own = block + r / MATMUL_ROW_BLOCK;
            int at = r % MATMUL_ROW_BLOCK;
            int32_t total = own->totals[at];
            if (subgroups == 2) total = s == 0 ? own->first_halves[at] : total - own->first_halves[at];
            float weighted = subgroups == 1 ? own->sums[at] : own->scales[at] * (float)total;
            __m512 sum = _mm512_maskz_loadu_ps(is_first && s == 0 ? 0 : 0xFFFF, sums[r]);
            _mm512_storeu_ps(sums[r], add_group(form, sum, products[r], scales, minimums, own->scales[at], weighted));
        }
    }
}

// Two rows or a block of four (a constant): weights are used as they stream by.
INLINE void multiply_few_rows(PackedForm form, const MatmulTask *task, const int rows) {
    _Alignas(64) float sums[MATMUL_ROW_BLOCK][16];
    const ActivationBlock *block = task->activations;
    for (int g = 0; g < task->groups; g++, block++) {
        PackedGroup packed = packed_group(form, task->tile, g);
        prefetch_group(form, task->tile, g);
        multiply_blocks(form, &packed, 0, block, rows, g == 0, sums);
    }
    for (int row = 0; row < task->rows; row++) write_row(task, row, _mm512_loadu_ps(sums[row]));
}

// Many rows: each group is unpacked once for all of them.
INLINE void multiply_many_rows(PackedForm form, const MatmulTask *task) {
    _Alignas(64) float sums[MATMUL_PANEL_ROWS][16];
    const int blocks = (task->rows + MATMUL_ROW_BLOCK - 1) / MATMUL_ROW_BLOCK;
    const ActivationBlock *block = task->activations;
    for (int g = 0; g < task->groups; g++, block += blocks) {
        PackedGroup packed = packed_group(form, task->tile, g);
        prefetch_group(form, task->tile, g);
        for (int row = task->rows * g / task->groups; row < task->rows * (g + 1) / task->groups; row++) {
            __builtin_prefetch(task->output + (size_t)row * task->output_stride, 1, 3);
        }
        UnpackedGroup group;
        unpack_group(form, packed, &group);
        int b = 0;
        for (; b + 2 <= blocks; b += 2) {
            multiply_blocks(form, 0, &group, block + b, 2 * MATMUL_ROW_BLOCK, g == 0, sums + MATMUL_ROW_BLOCK * b);
        }
        if (b < blocks) {
            multiply_blocks(form, 0, &group, block + b, MATMUL_ROW_BLOCK, g == 0, sums + MATMUL_ROW_BLOCK * b);
        }
    }
    for (int row = 0; row < task->rows; row++) write_row(task, row, _mm512_loadu_ps(sums[row]));
}

INLINE void multiply_integers(PackedForm form, const MatmulTask *task) {
    if (task->rows == 1) {
        write_row(task, 0, multiply_row(form, task));
    } else if (task->rows == 2) {
        multiply_few_rows(form, task, 2);
    } else if (task->rows <= MATMUL_ROW_BLOCK) {
        multiply_few_rows(form, task, MATMUL_ROW_BLOCK);
    } else {
        multiply_many_rows(form, task);
    }
}

#define INTEGER_FORM(FORM) \
    static void multiply_##FORM(const MatmulTask *task) { multiply_integers(PACKED_##FORM, task); }
#define FLOAT_FORM(FORM) \
    static void multiply_##FORM(const MatmulTask *task) { multiply_floats(PACKED_##FORM, task); }
#include "../matmul_forms.h"

static void round_avx512(const float *x, int n, uint16_t *rounded) { round_to_bf16(x, n, rounded); }

static void multiply_bf16_avx512(const MatmulTask *task) { multiply_bf16(task); }
static void multiply_factor_avx512(const FactorTask *task) { multiply_factor(task); }

#pragma clang attribute pop

// See bf16_kernels.c.
void multiply_bf16_avx512_native(const MatmulTask *task);
void multiply_factor_avx512_native(const FactorTask *task);

const MatmulKernels matmul_kernels_avx512 =
    MATMUL_KERNEL_TABLE("avx512", quantize_avx512, round_avx512, multiply_bf16_avx512, multiply_factor_avx512);
const MatmulKernels matmul_kernels_avx512_bf16 =
    MATMUL_KERNEL_TABLE("avx512", quantize_avx512, round_avx512, multiply_bf16_avx512_native,
                        multiply_factor_avx512_native);
#endif
