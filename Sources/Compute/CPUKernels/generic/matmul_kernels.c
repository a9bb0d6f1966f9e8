// The portable twin of every matmul kernel: plain loops that say what is computed.

// The same bits on every machine: no sum is fused with a product but where `fmaf` says so.
#pragma STDC FP_CONTRACT OFF

#include "../include/matmul_kernels.h"

#include <math.h>
#include <string.h>

#include "../half.h"
#include "../packed_numbers.h"

static void multiply_integers(PackedForm form, const MatmulTask *task) {
    int subgroups = form_subgroups(form), width = MATMUL_GROUP / subgroups;
    int blocks = (task->rows + MATMUL_ROW_BLOCK - 1) / MATMUL_ROW_BLOCK;
    for (int row = 0; row < task->rows; row++) {
        for (int feature = 0; feature < task->features; feature++) {
            float sum = 0;
            for (int g = 0; g < task->groups; g++) {
                PackedGroup group = packed_group(form, task->tile, g);
                ActivationGroup activation;
                if (task->rows == 1) {
                    activation = ((const ActivationGroup *)task->activations)[g];
                } else {
                    const ActivationBlock *block = (const ActivationBlock *)task->activations;
                    block += (size_t)g * (size_t)blocks + (size_t)(row / MATMUL_ROW_BLOCK);
                    int r = row % MATMUL_ROW_BLOCK;
                    for (int column = 0; column < MATMUL_GROUP; column++) {
                        activation.values[column] = block->values[column / 4][r][column % 4];
                    }
                    activation.scale = block->scales[r];
                    activation.sum = block->sums[r];
                    activation.total = block->totals[r];
                    activation.first_half = block->first_halves[r];
                }
                for (int s = 0; s < subgroups; s++) {
                    int32_t product = 0, total = activation.total;
                    if (subgroups == 2) total = s == 0 ? activation.first_half : total - activation.first_half;
                    for (int column = s * width; column < (s + 1) * width; column++) {
                        product += group_integer(form, group.integers, feature, column) * activation.values[column];
                    }
                    product -= form_offset(form) * total;
                    float scale = group_scale(form, group, s, feature) * activation.scale;
                    sum = fmaf((float)product, scale, sum);
                    if (form_has_minimums(form)) {
                        float weighted = subgroups == 1 ? activation.sum : activation.scale * (float)total;
                        sum = fmaf(group_scale(form, group, subgroups + s, feature), weighted, sum);
                    }
                }
            }
            task->output[(size_t)row * task->output_stride + (size_t)feature] = sum;
        }
    }
}

static void multiply_floats(PackedForm form, const MatmulTask *task) {
    for (int row = 0; row < task->rows; row++) {
        const float *x = task->source + (size_t)row * task->source_stride;
        for (int feature = 0; feature < task->features; feature++) {
            float sum = 0, products = 0;
            for (int column = 0; column < task->groups * MATMUL_GROUP; column++) {
                const uint8_t *group = task->tile + (size_t)(column / MATMUL_GROUP) * packed_group_bytes(form);
                products = fmaf(group_float(form, group, feature, column % MATMUL_GROUP), x[column], products);
                if (!form_float_scale_bytes(form) || (column + 1) % MATMUL_GROUP) continue;
                sum = fmaf(products, ((const float *)group)[feature], sum);
                products = 0;
            }
            task->output[(size_t)row * task->output_stride + (size_t)feature] =
                form_float_scale_bytes(form) ? sum : products;
        }
    }
}

static void multiply_bf16_generic(const MatmulTask *task) {
    const uint16_t *weights = (const uint16_t *)task->tile;
    size_t columns = (size_t)task->groups * MATMUL_GROUP;
    for (int row = 0; row < task->rows; row++) {
        const uint16_t *x = (const uint16_t *)task->activations + (size_t)row * columns;
        for (int feature = 0; feature < task->features; feature++) {
            float sum = 0;
            for (size_t column = 0; column < columns; column += 2) {
                const uint16_t *pair = weights + column * 16 + 2 * (size_t)feature;
                sum = fmaf(float_from_bf16(pair[1]), float_from_bf16(x[column + 1]), sum);
                sum = fmaf(float_from_bf16(pair[0]), float_from_bf16(x[column]), sum);
            }
            task->output[(size_t)row * task->output_stride + (size_t)feature] = sum;
        }
    }
}

static void multiply_factor_generic(const FactorTask *task) {
    int pairs = (task->columns + 1) / 2;
    for (int row = 0; row < task->rows; row++) {
        const uint16_t *x = task->source + (size_t)row * task->source_stride;
        size_t output = (size_t)row * task->output_stride;
        for (int feature = 0; feature < MATMUL_TILE * task->tile_count; feature++) {
            const uint16_t *tile = task->tiles + (size_t)(feature / MATMUL_TILE * pairs) * 2 * MATMUL_TILE;
            float sums[2] = {0, 0};
            for (int part = 0; part < (task->source_rest ? 2 : 1); part++) {
                const uint16_t *own = x + (size_t)part * task->source_rest;
                for (int pair = 0; pair < pairs; pair++) {
                    const uint16_t *weights = tile + 2 * (pair * MATMUL_TILE + feature % MATMUL_TILE);
                    float *sum = &sums[pair % 2];
                    *sum = fmaf(float_from_bf16(weights[1]), float_from_bf16(own[2 * pair + 1]), *sum);
                    *sum = fmaf(float_from_bf16(weights[0]), float_from_bf16(own[2 * pair]), *sum);
                }
            }
            float product = sums[0] + sums[1], scaled = task->scale * product;
            uint16_t *rounded = task->rounded ? task->rounded + output + feature : 0;
            if (rounded && task->rounded_rest) {
                round_twice_to_bf16(&scaled, 1, rounded, rounded + task->rounded_rest);
            } else if (rounded) {
                *rounded = bf16_from_float(scaled);
            } else if (feature < task->features) {
                task->sums[output + (size_t)feature] += product;
            }
        }
    }
}

static void quantize_group(const float *x, ActivationGroup *group) {
    float largest = 0;
    for (int i = 0; i < MATMUL_GROUP; i++) largest = fmaxf(largest, fabsf(x[i]));
    // Smaller numbers are as good as zero, and their inverse could overflow.
    if (largest < 0x1p-100f) largest = 0;
    float scale = largest / 127.0f, inverse = largest > 0 ? 127.0f / largest : 0;
    group->first_half = group->total = 0;
    for (int i = 0; i < MATMUL_GROUP; i++) {
        group->values[i] = (int8_t)(int32_t)nearbyintf(x[i] * inverse);
        group->total += group->values[i];
        if (i == 15) group->first_half = group->total;
    }
    group->scale = scale;
    group->sum = scale * (float)group->total;
}

#include "../quantize_rows.h"

#define INTEGER_FORM(FORM) \
    static void multiply_##FORM(const MatmulTask *task) { multiply_integers(PACKED_##FORM, task); }
#define FLOAT_FORM(FORM) \
    static void multiply_##FORM(const MatmulTask *task) { multiply_floats(PACKED_##FORM, task); }
#include "../matmul_forms.h"

const MatmulKernels matmul_kernels_generic =
    MATMUL_KERNEL_TABLE("generic", quantize_rows, round_to_bf16, multiply_bf16_generic, multiply_factor_generic);
