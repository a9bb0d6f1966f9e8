// AVX2 matmul kernels. The instruction set has no 8-bit dot product: `vpmaddubsw` multiplies unsigned weights with
// signed activations and adds neighbours to 16 bits; `vpmaddwd` with ones adds neighbours again, to 32.
//
// All products of a (sub)group are added in 16 bits, two of each quad in a lane. That is exact although 31 * 127 * 16
// doesn't fit: 16-bit sums wrap around, and taking an offset off the weights (by its product with the activations'
// sums) brings the result back into range. A lane's sum is at most 15 * 127 * 16 = 30480 for 4 bits as they are,
// 16 * 127 * 16 = 32512 for 5 bits less 16, and 32 * 127 * 8 = 32512 for half a group of 6 bits less 32.

#include "../include/matmul_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "../group_layout.h"
#include "../half.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)

#include "factor_products.h"
#include "float_products.h"
#include "packed_weights.h"
#include "quantize.h"
#include "write_row.h"

// One group of a few rows of activations, wherever they lie.
typedef struct Inputs {
    const int8_t *values;  // a quad's rows follow each other, quads are `quad_step` bytes apart
    size_t quad_step;
    const float *scales, *sums;
    const int32_t *totals, *first_halves;
    const int16_t (*pairs)[2], (*first_pairs)[2];
} Inputs;

INLINE Inputs inputs_of_block(const ActivationBlock *block) {
    return (Inputs){block->values[0][0], sizeof(block->values[0]), block->scales, block->sums,
                    block->totals,       block->first_halves,      block->pairs,  block->first_pairs};
}

INLINE Inputs inputs_of_group(const ActivationGroup *group) {
    return (Inputs){group->values, 4, &group->scale, &group->sum, &group->total, &group->first_half, &group->pairs,
                    &group->first_pairs};
}

// Stops the compiler from reordering sums, which would take more registers than there are.
#define KEEP(VECTOR) __asm__("" : "+x"(VECTOR))

// What is taken off each weight in 16-bit sums.
INLINE int narrow_offset(PackedForm form) {
    return form == PACKED_U5_32 || form == PACKED_U5K_32 ? 16 : form_offset(form);
}

// narrow_offset(form) * (sums of column pairs) of a row's (sub)group `s`.
INLINE __m256i offset_sums(PackedForm form, Inputs inputs, int row, int s) {
    __m256i pairs = broadcast_quad(inputs.pairs[row]);
    if (form_subgroups(form) == 2) {
        __m256i first = broadcast_quad(inputs.first_pairs[row]);
        pairs = s == 0 ? first : _mm256_sub_epi16(pairs, first);
    }
    switch (narrow_offset(form)) {
    case 4: return _mm256_slli_epi16(pairs, 2);
    case 8: return _mm256_slli_epi16(pairs, 3);
    case 16: return _mm256_slli_epi16(pairs, 4);
    default: return _mm256_slli_epi16(pairs, 5);
    }
}

// Sums of weight * activation, less the narrow offset, over (sub)group `s`, for `rows` rows (1, 2 or 4, a constant) and
// 16 features. Forms with at most 6 bits.
INLINE void sum_narrow(PackedForm form, Weights weights, Inputs inputs, const int rows, int s, __m256i sums[4][2]) {
    const int quads = 8 / form_subgroups(form);
#pragma clang loop unroll(full)
    for (int quad = s * quads; quad < (s + 1) * quads; quad++) {
        __m256i integers[2] = {weight_quad(form, weights, quad, 0), weight_quad(form, weights, quad, 1)};
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            __m256i values = broadcast_quad(inputs.values + inputs.quad_step * (size_t)quad + 4 * r);
#pragma clang loop unroll(full)
            for (int half = 0; half < 2; half++) {
                __m256i products = _mm256_maddubs_epi16(integers[half], values);
                if (quad > s * quads) {
                    products = _mm256_add_epi16(sums[r][half], products);
                } else if (narrow_offset(form)) {
                    products = _mm256_sub_epi16(products, offset_sums(form, inputs, r, s));
                }
                KEEP(products);
                sums[r][half] = products;
            }
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        sums[r][0] = _mm256_madd_epi16(sums[r][0], _mm256_set1_epi16(1));
        sums[r][1] = _mm256_madd_epi16(sums[r][1], _mm256_set1_epi16(1));
    }
}

// The same for signed bytes: |weight| times the activation with the weight's sign; two products fill 16 bits.
INLINE void sum_signed(PackedForm form, Weights weights, Inputs inputs, const int rows, __m256i sums[4][2]) {
#pragma clang loop unroll(full)
    for (int quad = 0; quad < 8; quad++) {
        __m256i integers[2] = {weight_quad(form, weights, quad, 0), weight_quad(form, weights, quad, 1)};
        __m256i sizes[2] = {_mm256_abs_epi8(integers[0]), _mm256_abs_epi8(integers[1])};
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            __m256i values = broadcast_quad(inputs.values + inputs.quad_step * (size_t)quad + 4 * r);
#pragma clang loop unroll(full)
            for (int half = 0; half < 2; half++) {
                __m256i products = _mm256_maddubs_epi16(sizes[half], _mm256_sign_epi8(values, integers[half]));
                products = _mm256_madd_epi16(products, _mm256_set1_epi16(1));
                if (quad > 0) products = _mm256_add_epi32(sums[r][half], products);
                KEEP(products);
                sums[r][half] = products;
            }
        }
    }
}

// Adds one group's share to `rows` rows (1, 2 or 4, a constant) of 16 features in `sums`.
INLINE void multiply_group(PackedForm form, Weights weights, Inputs inputs, const int rows, float (*sums)[16]) {
#pragma clang loop unroll(full)
    for (int s = 0; s < form_subgroups(form); s++) {
        __m256i products[4][2];
        if (form_is_signed(form)) {
            sum_signed(form, weights, inputs, rows, products);
        } else {
            sum_narrow(form, weights, inputs, rows, s, products);
        }
        __m256 scales[2] = {weight_scales(form, weights, s, 0), weight_scales(form, weights, s, 1)};
        __m256 minimums[2] = {_mm256_setzero_ps(), _mm256_setzero_ps()};
        if (form_has_minimums(form)) {
            minimums[0] = weight_minimums(form, weights, s, 0);
            minimums[1] = weight_minimums(form, weights, s, 1);
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            __m256 scale = _mm256_broadcast_ss(&inputs.scales[r]), weighted = _mm256_broadcast_ss(&inputs.sums[r]);
            if (form_subgroups(form) == 2) {
                int32_t total = s == 0 ? inputs.first_halves[r] : inputs.totals[r] - inputs.first_halves[r];
                weighted = _mm256_set1_ps(inputs.scales[r] * (float)total);
            }
#pragma clang loop unroll(full)
            for (int half = 0; half < 2; half++) {
                __m256i product = products[r][half];
                if (narrow_offset(form) != form_offset(form)) {
                    product = _mm256_add_epi32(product, _mm256_slli_epi32(broadcast_quad(&inputs.totals[r]), 4));
                }
                __m256 sum = _mm256_load_ps(sums[r] + 8 * half);
                sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(product), _mm256_mul_ps(scales[half], scale), sum);
                if (form_has_minimums(form)) sum = _mm256_fmadd_ps(minimums[half], weighted, sum);
                _mm256_store_ps(sums[r] + 8 * half, sum);
            }
        }
    }
}

// A few rows (1, 2 or 4 are computed, a constant): weights are used as they stream by.
INLINE void multiply_few_rows(PackedForm form, const MatmulTask *task, const int rows) {
    _Alignas(32) float sums[MATMUL_ROW_BLOCK][16] = {{0}};
    for (int g = 0; g < task->groups; g++) {
        PackedGroup packed = packed_group(form, task->tile, g);
        prefetch_group(form, task->tile, g);
        Inputs inputs = rows == 1 ? inputs_of_group((const ActivationGroup *)task->activations + g)
                                  : inputs_of_block((const ActivationBlock *)task->activations + g);
        multiply_group(form, (Weights){.packed = &packed}, inputs, rows, sums);
    }
    for (int row = 0; row < task->rows; row++) write_row(task, row, sums[row]);
}

// Many rows: each group is unpacked once for all of them. What is unpacked, the sums (4 KB) and a block of activations
// stay in the first-level cache.
INLINE void multiply_many_rows(PackedForm form, const MatmulTask *task) {
    _Alignas(32) float sums[MATMUL_PANEL_ROWS][16];
    const int blocks = (task->rows + MATMUL_ROW_BLOCK - 1) / MATMUL_ROW_BLOCK;
    const ActivationBlock *block = task->activations;
    __builtin_memset(sums, 0, (size_t)blocks * MATMUL_ROW_BLOCK * sizeof(sums[0]));
    for (int g = 0; g < task->groups; g++) {
        PackedGroup packed = packed_group(form, task->tile, g);
        prefetch_group(form, task->tile, g);
        UnpackedGroup group;
        unpack_group(form, &packed, &group);
        for (int b = 0; b < blocks; b++, block++) {
            multiply_group(form, (Weights){.unpacked = &group}, inputs_of_block(block), MATMUL_ROW_BLOCK,
                           sums + MATMUL_ROW_BLOCK * b);
        }
    }
    for (int row = 0; row < task->rows; row++) write_row(task, row, sums[row]);
}

INLINE void multiply_integers(PackedForm form, const MatmulTask *task) {
    if (task->rows == 1) {
        multiply_few_rows(form, task, 1);
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

static void round_avx2(const float *x, int n, uint16_t *rounded) { round_to_bf16(x, n, rounded); }

#pragma clang attribute pop

const MatmulKernels matmul_kernels_avx2 =
    MATMUL_KERNEL_TABLE("avx2", quantize_rows, round_avx2, multiply_bf16_avx2, multiply_factor_avx2);
#endif
