// Loops that do nothing but keep one kind of unit busy, to measure what a machine can do at most.

#ifndef PROBE_KERNELS_H
#define PROBE_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// Runs `rounds` rounds of 8-bit multiply-adds with the instructions of the level (see matmul_kernels.h); returns how many
// operations (two per multiply-add) that were.
double probe_integer_operations(int level, long rounds);

// The same for single-precision fused multiply-adds.
double probe_float_operations(int level, long rounds);

// Reads a buffer once, in order; the result keeps the compiler from leaving it out.
uint64_t probe_read(const uint8_t *bytes, size_t count);

#endif
