// What ranks add up, and how it travels.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Adds `parts` of `count` numbers each, in their order, into `sum`, which may be one of them.
void rank_sum_float32(const void *const *parts, int part_count, float *sum, size_t count);

/// The same of bfloat16 parts, added in single precision; the sums are rounded to bfloat16 once more.
void rank_sum_bfloat16(const void *const *parts, int part_count, float *sum, size_t count);

/// Rounds to the nearest bfloat16, ties to even; what isn't a number stays so.
void rank_narrow(const float *values, uint16_t *narrow, size_t count);

/// The numbers of bfloat16 values.
void rank_widen(const uint16_t *narrow, float *values, size_t count);
