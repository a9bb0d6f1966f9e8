// Scalar functions of the portable kernels.

#include <math.h>
#include <stdint.h>
#include <string.h>

// exp(x) for x <= 88, exactly 1 at 0 and exactly 0 below -87 and for NaN; see templates/exponential.h.
static inline float exponential(float x) {
    if (!(x >= -87.0f)) return 0;
    float n = rintf(x * 1.44269504088896341f);
    float r = x - n * 0.693359375f;
    r = r - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + (r + 1.0f);
    uint32_t bits = (uint32_t)((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

// cap * tanh(x / cap), as 1 - 2 / (1 + exp(2 x / cap)).
static inline float softcapped(float x, float cap) {
    float twice = 2 * (x / cap);
    return (1.0f - 2.0f / (1.0f + exponential(twice < 88.0f ? twice : 88.0f))) * cap;
}
