// Norm, activations and rotary embedding. The rest of a row that doesn't fill a vector goes through a padded copy, so
// that every element sees the same arithmetic.

static inline lanes lanes_load_some(const float *p, int count) {
    if (count == LANES) return lanes_load(p);
    float padded[LANES] = {0};
    for (int i = 0; i < count; i++) padded[i] = p[i];
    return lanes_load(padded);
}

static inline void lanes_store_some(float *p, lanes a, int count) {
    if (count == LANES) {
        lanes_store(p, a);
        return;
    }
    float padded[LANES];
    lanes_store(padded, a);
    for (int i = 0; i < count; i++) p[i] = padded[i];
}

// Four sums at once hide the latency of the addition.
static void KERNEL(rms_norm)(const float *x, const float *weight, float epsilon, int n, float *y) {
    lanes s0 = lanes_all(0), s1 = s0, s2 = s0, s3 = s0;
    int i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES) {
        lanes a = lanes_load(x + i), b = lanes_load(x + i + LANES);
        lanes c = lanes_load(x + i + 2 * LANES), d = lanes_load(x + i + 3 * LANES);
        s0 = lanes_fma(a, a, s0);
        s1 = lanes_fma(b, b, s1);
        s2 = lanes_fma(c, c, s2);
        s3 = lanes_fma(d, d, s3);
    }
    for (; i + LANES <= n; i += LANES) {
        lanes a = lanes_load(x + i);
        s0 = lanes_fma(a, a, s0);
    }
    if (i < n) {
        lanes a = lanes_load_some(x + i, n - i);
        s1 = lanes_fma(a, a, s1);
    }
    float sum = lanes_sum(lanes_add(lanes_add(s0, s1), lanes_add(s2, s3)));
    lanes factor = lanes_all(1.0f / sqrtf(sum / (float)n + epsilon));
    for (i = 0; i + LANES <= n; i += LANES) {
        lanes_store(y + i, lanes_multiply(lanes_multiply(lanes_load(x + i), factor), lanes_load(weight + i)));
    }
    if (i < n) {
        lanes a = lanes_multiply(lanes_load_some(x + i, n - i), factor);
        lanes_store_some(y + i, lanes_multiply(a, lanes_load_some(weight + i, n - i)), n - i);
    }
}

static void KERNEL(layer_norm)(
    const float *x, const float *weight, const float *bias, float epsilon, int n, float *y) {
    lanes sum = lanes_all(0);
    int i = 0;
    for (; i + LANES <= n; i += LANES) sum = lanes_add(sum, lanes_load(x + i));
    if (i < n) sum = lanes_add(sum, lanes_load_some(x + i, n - i));
    lanes mean = lanes_all(lanes_sum(sum) / (float)n), squares = lanes_all(0);
    for (i = 0; i + LANES <= n; i += LANES) {
        lanes a = lanes_subtract(lanes_load(x + i), mean);
        squares = lanes_fma(a, a, squares);
    }
    if (i < n) {
        float rest[LANES] = {0};
        lanes_store_some(rest, lanes_subtract(lanes_load_some(x + i, n - i), mean), n - i);
        squares = lanes_fma(lanes_load(rest), lanes_load(rest), squares);
    }
    lanes factor = lanes_all(1.0f / sqrtf(lanes_sum(squares) / (float)n + epsilon));
    for (i = 0; i < n; i += LANES) {
        int count = n - i < LANES ? n - i : LANES;
        lanes a = lanes_multiply(lanes_subtract(lanes_load_some(x + i, count), mean), factor);
        a = lanes_multiply(a, lanes_load_some(weight + i, count));
        if (bias) a = lanes_add(a, lanes_load_some(bias + i, count));
        lanes_store_some(y + i, a, count);
    }
}

static void KERNEL(add)(const float *x, int n, float *y) {
    for (int i = 0; i < n; i++) y[i] += x[i];
}

static void KERNEL(scale)(const float *x, float factor, int n, float *y) {
    for (int i = 0; i < n; i++) y[i] = x[i] * factor;
}

// x / (1 + exp(-x)); exp of more than 88 would overflow, and the quotient is 0 long before.
static inline lanes lanes_silu(lanes x, lanes argument) {
    lanes e = lanes_exp(lanes_min(lanes_subtract(lanes_all(0), argument), lanes_all(88.0f)));
    return lanes_divide(x, lanes_add(lanes_all(1.0f), e));
}

// 0.5 x (1 + tanh(z)) = x / (1 + exp(-2 z)) with z = sqrt(2 / pi) (x + 0.044715 x^3).
static inline lanes lanes_gelu(lanes x) {
    lanes cube = lanes_multiply(lanes_multiply(x, x), x);
    lanes inner = lanes_fma(cube, lanes_all(0.044715f), x);
    return lanes_silu(x, lanes_multiply(inner, lanes_all(2 * 0.79788456080286535588f)));
}

// max(x, 0) - |x| q / 2 with q = 1 - erf(|x| / sqrt(2)) by Abramowitz and Stegun, 7.1.26.
static inline lanes lanes_gelu_erf(lanes x) {
    lanes positive = lanes_max(x, lanes_all(0));
    lanes size = lanes_max(lanes_subtract(lanes_all(0), x), x);
    lanes z = lanes_multiply(size, lanes_all(0.70710678118654752440f));
    lanes t = lanes_divide(lanes_all(1.0f), lanes_fma(z, lanes_all(0.3275911f), lanes_all(1.0f)));
    lanes p = lanes_all(1.061405429f);
    p = lanes_fma(p, t, lanes_all(-1.453152027f));
    p = lanes_fma(p, t, lanes_all(1.421413741f));
    p = lanes_fma(p, t, lanes_all(-0.284496736f));
    p = lanes_fma(p, t, lanes_all(0.254829592f));
    lanes q = lanes_multiply(lanes_multiply(p, t), lanes_exp(lanes_subtract(lanes_all(0), lanes_multiply(z, z))));
    return lanes_fnma(lanes_multiply(size, lanes_all(0.5f)), q, positive);
}

static inline lanes lanes_relu(lanes x) { return lanes_max(x, lanes_all(0)); }
static inline lanes lanes_relu_squared(lanes x) { return lanes_multiply(lanes_relu(x), lanes_relu(x)); }
static inline lanes lanes_plain_silu(lanes x) { return lanes_silu(x, x); }

// 1 - 2 / (1 + exp(2 x))
static inline lanes lanes_tanh(lanes x) {
    lanes e = lanes_exp(lanes_min(lanes_add(x, x), lanes_all(88.0f)));
    return lanes_subtract(lanes_all(1.0f), lanes_divide(lanes_all(2.0f), lanes_add(lanes_all(1.0f), e)));
}

static inline lanes lanes_softcap(lanes x, float cap) {
    return lanes_multiply(lanes_tanh(lanes_divide(x, lanes_all(cap))), lanes_all(cap));
}

static void KERNEL(softcap)(const float *x, float cap, int n, float *y) {
    for (int i = 0; i < n; i += LANES) {
        int count = n - i < LANES ? n - i : LANES;
        lanes_store_some(y + i, lanes_softcap(lanes_load_some(x + i, count), cap), count);
    }
}

// out[i] = FUNCTION(gate[i]) * up[i], and without a factor.
#define ACTIVATION_KERNELS(NAME, FUNCTION)                                                                             \
    static void KERNEL(gated_##NAME)(const float *gate, const float *up, int n, float *out) {                          \
        int i = 0;                                                                                                     \
        for (; i + LANES <= n; i += LANES) {                                                                           \
            lanes_store(out + i, lanes_multiply(FUNCTION(lanes_load(gate + i)), lanes_load(up + i)));                  \
        }                                                                                                              \
        if (i == n) return;                                                                                            \
        lanes a = FUNCTION(lanes_load_some(gate + i, n - i));                                                          \
        lanes_store_some(out + i, lanes_multiply(a, lanes_load_some(up + i, n - i)), n - i);                           \
    }                                                                                                                  \
    static void KERNEL(plain_##NAME)(const float *x, int n, float *out) {                                              \
        int i = 0;                                                                                                     \
        for (; i + LANES <= n; i += LANES) lanes_store(out + i, FUNCTION(lanes_load(x + i)));                          \
        if (i < n) lanes_store_some(out + i, FUNCTION(lanes_load_some(x + i, n - i)), n - i);                          \
    }

ACTIVATION_KERNELS(silu, lanes_plain_silu)
ACTIVATION_KERNELS(gelu_tanh, lanes_gelu)
ACTIVATION_KERNELS(gelu_erf, lanes_gelu_erf)
ACTIVATION_KERNELS(relu, lanes_relu)
ACTIVATION_KERNELS(relu_squared, lanes_relu_squared)

static void KERNEL(gated_within)(const float *gate, const float *up, float limit, int n, float *out) {
    lanes highest = lanes_all(limit), lowest = lanes_all(-limit);
    for (int i = 0; i < n; i += LANES) {
        int count = n - i < LANES ? n - i : LANES;
        lanes g = lanes_min(lanes_load_some(gate + i, count), highest);
        lanes u = lanes_max(lanes_min(lanes_load_some(up + i, count), highest), lowest);
        g = lanes_silu(g, lanes_multiply(g, lanes_all(1.702f)));
        lanes_store_some(out + i, lanes_multiply(g, lanes_add(u, lanes_all(1.0f))), count);
    }
}

static void KERNEL(rotate_halves)(float *x, const float *cosines, const float *sines, int half) {
    int i = 0;
    for (; i + LANES <= half; i += LANES) {
        lanes a = lanes_load(x + i), b = lanes_load(x + half + i);
        lanes c = lanes_load(cosines + i), s = lanes_load(sines + i);
        lanes_store(x + i, lanes_fnma(b, s, lanes_multiply(a, c)));
        lanes_store(x + half + i, lanes_fma(a, s, lanes_multiply(b, c)));
    }
    if (i < half) {
        int rest = half - i;
        lanes a = lanes_load_some(x + i, rest), b = lanes_load_some(x + half + i, rest);
        lanes c = lanes_load_some(cosines + i, rest), s = lanes_load_some(sines + i, rest);
        lanes_store_some(x + i, lanes_fnma(b, s, lanes_multiply(a, c)), rest);
        lanes_store_some(x + half + i, lanes_fma(a, s, lanes_multiply(b, c)), rest);
    }
}

static void KERNEL(rotate_pairs)(float *x, const float *cosines, const float *sines, int half) {
    int i = 0;
    for (; i + LANES <= half; i += LANES) {
        lanes a, b, c = lanes_load(cosines + i), s = lanes_load(sines + i);
        lanes_load_pairs(x + 2 * i, &a, &b);
        lanes_store_pairs(x + 2 * i, lanes_fnma(b, s, lanes_multiply(a, c)), lanes_fma(a, s, lanes_multiply(b, c)));
    }
    if (i < half) {
        float padded[2 * LANES] = {0};
        int rest = half - i;
        for (int j = 0; j < 2 * rest; j++) padded[j] = x[2 * i + j];
        lanes a, b, c = lanes_load_some(cosines + i, rest), s = lanes_load_some(sines + i, rest);
        lanes_load_pairs(padded, &a, &b);
        lanes_store_pairs(padded, lanes_fnma(b, s, lanes_multiply(a, c)), lanes_fma(a, s, lanes_multiply(b, c)));
        for (int j = 0; j < 2 * rest; j++) x[2 * i + j] = padded[j];
    }
}
