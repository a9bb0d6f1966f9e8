// Attention in plain C: the twin of every instruction set's, and what all of them use with a cache in single precision.

#ifndef PORTABLE_ATTENTION_H
#define PORTABLE_ATTENTION_H

#include "include/layer_kernels.h"

void store_key_value_portable(
    CacheType type, const float *key, const float *value, HeadShape head, int column, uint8_t *tile);
void attend_portable(const AttentionTask *task, float *scratch);
void attend_segments_portable(const AttentionTask *task, int first, int last, float *partials, float *scratch);
void merge_segments_portable(const AttentionTask *task, int first, int last, const float *partials);

#endif
