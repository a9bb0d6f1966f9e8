// Scans over a row of logits.

static float KERNEL(maximum)(const float *x, int n) {
    lanes m0 = lanes_all(-INFINITY), m1 = m0, m2 = m0, m3 = m0;
    int i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES) {
        m0 = lanes_max(lanes_load(x + i), m0);
        m1 = lanes_max(lanes_load(x + i + LANES), m1);
        m2 = lanes_max(lanes_load(x + i + 2 * LANES), m2);
        m3 = lanes_max(lanes_load(x + i + 3 * LANES), m3);
    }
    for (; i + LANES <= n; i += LANES) m0 = lanes_max(lanes_load(x + i), m0);
    float best = lanes_maximum(lanes_max(lanes_max(m0, m1), lanes_max(m2, m3)));
    for (; i < n; i++) best = x[i] > best ? x[i] : best;
    return best;
}

static int KERNEL(first_index)(const float *x, int n, float value) {
    lanes wanted = lanes_all(value);
    int i = 0;
    for (; i + LANES <= n; i += LANES) {
        unsigned hits = lanes_equal(lanes_load(x + i), wanted);
        if (hits) return i + __builtin_ctz(hits);
    }
    for (; i < n; i++) {
        if (x[i] == value) return i;
    }
    return -1;
}

// Single precision within stretches of 1024 numbers, double precision across: a vocabulary is too long for the former.
static double KERNEL(sum_of_exponentials)(const float *x, int n, float shift, float factor) {
    lanes s = lanes_all(shift), f = lanes_all(factor);
    double total = 0;
    for (int start = 0; start < n; start += 1024) {
        int end = n - start < 1024 ? n : start + 1024;
        lanes a = lanes_all(0), b = a;
        int i = start;
        for (; i + 2 * LANES <= end; i += 2 * LANES) {
            a = lanes_add(a, lanes_exp(lanes_multiply(lanes_subtract(lanes_load(x + i), s), f)));
            b = lanes_add(b, lanes_exp(lanes_multiply(lanes_subtract(lanes_load(x + i + LANES), s), f)));
        }
        for (; i < end; i += LANES) {
            float padded[LANES];
            for (int j = 0; j < LANES; j++) padded[j] = i + j < end ? x[i + j] : -INFINITY;
            // A factor of 0 turns the padding into NaN, whose exponential is 0.
            a = lanes_add(a, lanes_exp(lanes_multiply(lanes_subtract(lanes_load(padded), s), f)));
        }
        total += (double)lanes_sum(lanes_add(a, b));
    }
    return total;
}

static void KERNEL(group_maxima)(const float *x, int n, int width, float *maxima) {
    for (int start = 0, g = 0; start < n; start += width, g++) {
        maxima[g] = KERNEL(maximum)(x + start, n - start < width ? n - start : width);
    }
}

static int KERNEL(collect_at_least)(const float *x, int n, float threshold, int32_t *indices, int capacity) {
    lanes limit = lanes_all(threshold);
    int count = 0, i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (unsigned hits = lanes_at_least(lanes_load(x + i), limit); hits; hits &= hits - 1) {
            if (count < capacity) indices[count] = i + __builtin_ctz(hits);
            count++;
        }
    }
    for (; i < n; i++) {
        if (x[i] >= threshold) {
            if (count < capacity) indices[count] = i;
            count++;
        }
    }
    return count;
}
