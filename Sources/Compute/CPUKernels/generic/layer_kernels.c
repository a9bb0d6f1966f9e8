// The portable twin of the layer kernels: the plainest code that keeps the same laws. Tests compare the others with it.

// The same bits on every machine: no sum is fused with a product but where `fmaf` says so.
#pragma STDC FP_CONTRACT OFF

#include "../include/layer_kernels.h"
#include "../portable_attention.h"
#include "exponential.h"

#include <math.h>
#include <string.h>

static void rms_norm_portable(const float *x, const float *weight, float epsilon, int n, float *y) {
    float sums[8] = {0};
    for (int i = 0; i < n; i++) sums[i % 8] += x[i] * x[i];
    float sum = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    float factor = 1.0f / sqrtf(sum / (float)n + epsilon);
    for (int i = 0; i < n; i++) y[i] = x[i] * factor * weight[i];
}

static void layer_norm_portable(const float *x, const float *weight, const float *bias, float epsilon, int n, float *y) {
    float sum = 0, squares = 0;
    for (int i = 0; i < n; i++) sum += x[i];
    float mean = sum / (float)n;
    for (int i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
    float factor = 1.0f / sqrtf(squares / (float)n + epsilon);
    for (int i = 0; i < n; i++) y[i] = (x[i] - mean) * factor * weight[i] + (bias ? bias[i] : 0);
}

static void add_portable(const float *x, int n, float *y) {
    for (int i = 0; i < n; i++) y[i] += x[i];
}

static void scale_portable(const float *x, float factor, int n, float *y) {
    for (int i = 0; i < n; i++) y[i] = x[i] * factor;
}

static float silu(float x, float argument) { return x / (1.0f + exponential(-argument < 88.0f ? -argument : 88.0f)); }

static float plain_silu_of(float x) { return silu(x, x); }

static float gelu_tanh_of(float x) {
    float inner = x + 0.044715f * (x * x * x);
    return silu(x, 2 * 0.79788456080286535588f * inner);
}

static float gelu_erf_of(float x) {
    float size = fabsf(x), z = size * 0.70710678118654752440f, t = 1.0f / (1.0f + 0.3275911f * z);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    return (x > 0 ? x : 0) - 0.5f * size * (p * t * exponential(-z * z));
}

static float relu_of(float x) { return x > 0 ? x : 0; }
static float relu_squared_of(float x) { return relu_of(x) * relu_of(x); }

#define ACTIVATION_KERNELS(NAME, FUNCTION)                                                                             \
    static void gated_##NAME##_portable(const float *gate, const float *up, int n, float *out) {                                  \
        for (int i = 0; i < n; i++) out[i] = FUNCTION(gate[i]) * up[i];                                                \
    }                                                                                                                  \
    static void plain_##NAME##_portable(const float *x, int n, float *out) {                                                      \
        for (int i = 0; i < n; i++) out[i] = FUNCTION(x[i]);                                                           \
    }

ACTIVATION_KERNELS(silu, plain_silu_of)
ACTIVATION_KERNELS(gelu_tanh, gelu_tanh_of)
ACTIVATION_KERNELS(gelu_erf, gelu_erf_of)
ACTIVATION_KERNELS(relu, relu_of)
ACTIVATION_KERNELS(relu_squared, relu_squared_of)

static void gated_within_portable(const float *gate, const float *up, float limit, int n, float *out) {
    for (int i = 0; i < n; i++) {
        float g = fminf(gate[i], limit), u = fmaxf(fminf(up[i], limit), -limit);
        out[i] = silu(g, 1.702f * g) * (u + 1.0f);
    }
}

static void softcap_portable(const float *x, float cap, int n, float *y) {
    for (int i = 0; i < n; i++) y[i] = softcapped(x[i], cap);
}

static void rotate_halves_portable(float *x, const float *cosines, const float *sines, int half) {
    for (int i = 0; i < half; i++) {
        float a = x[i], b = x[half + i];
        x[i] = a * cosines[i] - b * sines[i];
        x[half + i] = b * cosines[i] + a * sines[i];
    }
}

static void rotate_pairs_portable(float *x, const float *cosines, const float *sines, int half) {
    for (int i = 0; i < half; i++) {
        float a = x[2 * i], b = x[2 * i + 1];
        x[2 * i] = a * cosines[i] - b * sines[i];
        x[2 * i + 1] = b * cosines[i] + a * sines[i];
    }
}

#define KERNEL(name) name##_portable
#include "../templates/logits.h"
#include "../templates/layer_table.h"

const LayerKernels layer_kernels_generic = LAYER_KERNEL_TABLE("generic");
