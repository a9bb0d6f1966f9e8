// Scans over a row of logits, in vectors of 16 that the compiler makes of what the machine has. Products and sums aren't
// fused, so that every instruction set computes the same bits.

#define ROW_VECTOR 16
typedef float KERNEL(row_floats) __attribute__((vector_size(4 * ROW_VECTOR), aligned(4)));
typedef int32_t KERNEL(row_integers) __attribute__((vector_size(4 * ROW_VECTOR), aligned(4)));
typedef double KERNEL(row_doubles) __attribute__((vector_size(8 * ROW_VECTOR)));
#define row_floats KERNEL(row_floats)
#define row_integers KERNEL(row_integers)

static inline __attribute__((always_inline)) void KERNEL(row_take_larger)(row_floats *best, const row_floats *x) {
    row_integers larger = *x > *best;
    *best = (row_floats)(((row_integers)*x & larger) | ((row_integers)*best & ~larger));
}

static inline __attribute__((always_inline)) float KERNEL(row_largest)(const row_floats *x) {
    row_floats a = *x, b = __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
    KERNEL(row_take_larger)(&a, &b);
    b = __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
    KERNEL(row_take_larger)(&a, &b);
    b = __builtin_shufflevector(a, a, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    KERNEL(row_take_larger)(&a, &b);
    return a[0] > a[1] ? a[0] : a[1];
}

static void KERNEL(group_maxima)(const float *x, int n, float *maxima) {
    for (int start = 0, g = 0; start < n; start += LOGIT_GROUP, g++) {
        row_floats best = (row_floats){0} - INFINITY;
        if (n - start >= LOGIT_GROUP) {
            for (int i = 0; i < LOGIT_GROUP; i += ROW_VECTOR) {
                KERNEL(row_take_larger)(&best, (const row_floats *)(x + start + i));
            }
        } else {
            for (int i = start; i < n; i++) best[0] = x[i] > best[0] ? x[i] : best[0];
        }
        maxima[g] = KERNEL(row_largest)(&best);
    }
}

// exp of numbers up to 0: reduction to half a power of two and a polynomial of degree 6, as in the Cephes library.
static inline __attribute__((always_inline)) void KERNEL(row_exponential)(row_floats *x) {
#pragma clang fp contract(off)
    row_integers is_normal = *x >= -87.0f;
    row_floats value = (row_floats)((row_integers)*x & is_normal);
    // Adding 1.5 * 2^23 rounds to an integer, which is then in the low bits.
    row_floats shifted = value * 1.44269504f + 12582912.0f;
    row_floats exponent = shifted - 12582912.0f;
    row_floats rest = value - exponent * 0.693359375f;
    rest = rest - exponent * -2.12194440e-4f;
    row_floats sum = (row_floats){0} + 1.9875691500e-4f;
    sum = sum * rest + 1.3981999507e-3f;
    sum = sum * rest + 8.3334519073e-3f;
    sum = sum * rest + 4.1665795894e-2f;
    sum = sum * rest + 1.6666665459e-1f;
    sum = sum * rest + 5.0000001201e-1f;
    sum = sum * rest * rest + rest + 1.0f;
    row_integers power = ((row_integers)shifted - 0x4B400000 + 127) << 23;
    *x = (row_floats)((row_integers)(sum * (row_floats)power) & is_normal);
}

// exp((x[i] - shift) / temperature) of up to a vector's numbers, 0 for the rest.
static inline __attribute__((always_inline)) void KERNEL(row_weights)(
    const float *x, int n, float shift, float temperature, row_floats *weights) {
    if (n >= ROW_VECTOR) {
        *weights = *(const row_floats *)x;
    } else {
        *weights = (row_floats){0} - INFINITY;
        for (int i = 0; i < n; i++) (*weights)[i] = x[i];
    }
    *weights = *weights - shift;
    // A division by 1 changes nothing and takes as long as all the rest.
    if (temperature != 1) *weights = *weights / temperature;
    KERNEL(row_exponential)(weights);
}

static double KERNEL(sum_of_exponentials)(const float *x, int n, float shift, float temperature) {
    KERNEL(row_doubles) sums = {0};
    for (int i = 0; i < n; i += ROW_VECTOR) {
        row_floats weights;
        KERNEL(row_weights)(x + i, n - i, shift, temperature, &weights);
        sums += __builtin_convertvector(weights, KERNEL(row_doubles));
    }
    double sum = 0;
    for (int lane = 0; lane < ROW_VECTOR; lane++) sum += sums[lane];
    return sum;
}

static void KERNEL(exponentials)(const float *x, int n, float shift, float temperature, float *y) {
    for (int i = 0; i < n; i += ROW_VECTOR) {
        row_floats weights;
        KERNEL(row_weights)(x + i, n - i, shift, temperature, &weights);
        if (n - i >= ROW_VECTOR) {
            *(row_floats *)(y + i) = weights;
        } else {
            for (int j = 0; j < n - i; j++) y[i + j] = weights[j];
        }
    }
}

static int KERNEL(collect_at_least)(
    const float *x, int n, const float *maxima, float threshold, int32_t *indices, int capacity) {
    int count = 0;
    for (int start = 0, g = 0; start < n; start += LOGIT_GROUP, g++) {
        if (!(maxima[g] >= threshold)) continue;
        int end = n - start < LOGIT_GROUP ? n : start + LOGIT_GROUP;
        if (capacity - count >= LOGIT_GROUP) {
            for (int i = start; i < end; i++) {
                indices[count] = i;
                count += x[i] >= threshold;
            }
            continue;
        }
        for (int i = start; i < end; i++) {
            if (!(x[i] >= threshold)) continue;
            if (count < capacity) indices[count] = i;
            count++;
        }
    }
    return count;
}

#undef row_floats
#undef row_integers
