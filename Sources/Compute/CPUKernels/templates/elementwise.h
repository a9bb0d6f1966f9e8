// Norm, activations and rotary embedding. The rest of a row that doesn't fill a vector goes through a padded copy, so
// that every element sees the same arithmetic.

static inline lanes lanes_load_some(const float *p, int count) {
    float padded[LANES] = {0};
    for (int i = 0; i < count; i++) padded[i] = p[i];
    return lanes_load(padded);
}

static inline void lanes_store_some(float *p, lanes a, int count) {
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

static void KERNEL(silu_multiply)(const float *gate, const float *up, int n, float *out) {
    int i = 0;
    for (; i + LANES <= n; i += LANES) {
        lanes a = lanes_load(gate + i);
        lanes_store(out + i, lanes_multiply(lanes_silu(a, a), lanes_load(up + i)));
    }
    if (i < n) {
        lanes a = lanes_load_some(gate + i, n - i);
        lanes_store_some(out + i, lanes_multiply(lanes_silu(a, a), lanes_load_some(up + i, n - i)), n - i);
    }
}

static void KERNEL(gelu_multiply)(const float *gate, const float *up, int n, float *out) {
    int i = 0;
    for (; i + LANES <= n; i += LANES) {
        lanes_store(out + i, lanes_multiply(lanes_gelu(lanes_load(gate + i)), lanes_load(up + i)));
    }
    if (i < n) {
        lanes a = lanes_gelu(lanes_load_some(gate + i, n - i));
        lanes_store_some(out + i, lanes_multiply(a, lanes_load_some(up + i, n - i)), n - i);
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
