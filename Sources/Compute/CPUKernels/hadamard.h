// The Hadamard rotation of keys, values and queries of an 8-bit cache (as in QuaRot, arXiv 2404.00456): it spreads the few
// very large dimensions that keys have over the group of dimensions that share a scale, which would otherwise be too
// coarse for the group's others. (Rotating a whole head together spoils the groups that have no large dimension.)

#ifndef HADAMARD_H
#define HADAMARD_H

#include <math.h>

#include "include/layer_kernels.h"

// Rotates each group that has a scale of its own, in place. The rotation is its own inverse, and products of rotated
// vectors are those of the vectors.
static inline void hadamard_rotate(float *x, int head_dim) {
    for (int width; head_dim > 0; x += width, head_dim -= width) {
        width = head_dim < CACHE_SCALE_GROUP ? head_dim : CACHE_SCALE_GROUP;
        for (int half = width / 2; half > 0; half /= 2) {
            for (int low = 0; low < width; low += 2 * half) {
                for (int i = low; i < low + half; i++) {
                    float a = x[i], b = x[i + half];
                    x[i] = a + b;
                    x[i + half] = a - b;
                }
            }
        }
        float factor = 1 / sqrtf((float)width);
        for (int i = 0; i < width; i++) x[i] *= factor;
    }
}

#endif
