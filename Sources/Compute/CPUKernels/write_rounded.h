// Where products of low-rank factors go that are rounded.

#ifndef WRITE_ROUNDED_H
#define WRITE_ROUNDED_H

#include "group_layout.h"
#include "half.h"

// Writes some scaled products.
INLINE void write_rounded(const FactorTask *task, const float *products, const int count, size_t output) {
    uint16_t *rounded = task->rounded + output;
    if (task->rounded_rest) {
        round_twice_to_bf16(products, count, rounded, rounded + task->rounded_rest);
    } else {
        round_to_bf16(products, count, rounded);
    }
}

#endif
