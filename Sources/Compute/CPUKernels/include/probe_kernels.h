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

// The same for dot products of bfloat16 pairs added to single precision; 0 where the level or the machine has none.
double probe_bfloat_operations(int level, long rounds);

// Loads every byte of a buffer once with the widest loads of the level: `streams` (1, 2 or 4) equal stretches side by
// side, each in order. What is beyond whole steps of 256 bytes per stream isn't read; returns how many bytes were.
size_t probe_read(int level, const uint8_t *bytes, size_t count, int streams);

#endif
