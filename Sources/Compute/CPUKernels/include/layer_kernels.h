// Everything of a decoder layer that isn't a matrix product: norms, rotation, activations, attention over the paged
// KV cache, and scans over a row of logits. One table of functions per instruction set.
//
// Laws that every implementation keeps:
// - No result depends on what else is computed at the same time: each output element is reduced in one fixed order.
// - Any length works; nothing is read or written past the stated lengths. No alignment is needed.
// - Lengths are positive unless said otherwise. Buffers don't overlap unless a function says it works in place.

#ifndef LAYER_KERNELS_H
#define LAYER_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// Tokens whose keys are stored side by side, the unit of the online softmax. A physical KV block is one or more tiles.
#define ATTENTION_TILE 32

// Tokens of one segment. Each segment's softmax is computed apart and merged in index order, always, so that segments
// may be given to different threads without changing a bit. Counted from position 0 of the sequence.
#define ATTENTION_SEGMENT 256

// Most query rows (tokens x heads of the group) of one task.
#define ATTENTION_ROWS 96

// Dimensions of a key or value that share a scale in an 8-bit cache.
#define CACHE_SCALE_GROUP 32

// Neighbours in a row of logits whose largest is kept.
#define LOGIT_GROUP 64

// How the cache stores keys and values: as bfloat16, as 8-bit integers with scales, or in single precision.
//
// A tile holds the keys of ATTENTION_TILE tokens in pairs of dimensions, [keys / 2][ATTENTION_TILE][2], and then their
// values in pairs of tokens, [ATTENTION_TILE / 2][values][2]. A tile of 8-bit integers ends with their scales in half
// precision, those of the keys and then those of the values, each as [ceil(width / 32)][ATTENTION_TILE]. In single
// precision a tile holds keys [keys][ATTENTION_TILE] and values [ATTENTION_TILE][values]. Where values are keys, a tile ends
// behind the keys and their scales.
typedef enum CacheType { CACHE_BF16, CACHE_INT8, CACHE_F32 } CacheType;

// The widths of a KV head's keys and values, multiples of 16.
typedef struct HeadShape {
    int keys;
    int values;
    int values_are_keys;  // values are the first dimensions of keys and not stored again (latent attention)
} HeadShape;

// Keys and values of one width.
static inline HeadShape head_shape(int width) { return (HeadShape){.keys = width, .values = width}; }

// Numbers that a tile stores of a token's value.
static inline size_t stored_values(HeadShape head) { return head.values_are_keys ? 0 : (size_t)head.values; }

// Where a token's key and value have dimension d in a tile, in elements.
static inline size_t cache_key_index(int d, int token) {
    return 2 * ((size_t)(d / 2) * ATTENTION_TILE + (size_t)token) + (size_t)(d % 2);
}
static inline size_t cache_value_index(HeadShape head, int d, int token) {
    return ATTENTION_TILE * (size_t)head.keys + 2 * ((size_t)(token / 2) * (size_t)head.values + (size_t)d) +
           (size_t)(token % 2);
}

// Groups of dimensions that have a scale of their own.
static inline size_t cache_scale_groups(size_t width) { return (width + CACHE_SCALE_GROUP - 1) / CACHE_SCALE_GROUP; }

// Bytes of one tile.
static inline size_t cache_tile_bytes(CacheType type, HeadShape head) {
    size_t keys = (size_t)head.keys, values = stored_values(head);
    if (type == CACHE_BF16) return 2 * ATTENTION_TILE * (keys + values);
    if (type == CACHE_F32) return 4 * ATTENTION_TILE * (keys + values);
    return ATTENTION_TILE * (keys + values + 2 * (cache_scale_groups(keys) + cache_scale_groups(values)));
}

// Some query rows of one KV head against the sequence's KV cache. The tiles of one block lie one after the other.
typedef struct AttentionTask {
    const float *queries;    // [tokens][group][head.keys], rotated and scaled
    size_t query_stride;     // floats from one token to the next
    float *output;           // [tokens][group][head.values]
    size_t output_stride;    // floats from one token to the next
    int tokens;              // query tokens; tokens * group <= ATTENTION_ROWS
    int group;               // query heads that share the KV head
    HeadShape head;
    int position;            // of the first query token in its sequence
    int length;              // tokens of a sequence that all see each other; 0: a token sees itself and those before it
    int window;              // a token sees itself and the window - 1 tokens before it; 0: all of them
    float softcap;           // scores become softcap * tanh(score / softcap); 0: they stay
    const float *sinks;      // [group], scores that take part in the softmax without a value; null: none
    CacheType cache_type;
    const uint8_t *cache;    // this KV head in physical block 0 of this layer
    size_t block_stride;     // bytes from one physical block to the next
    const int32_t *blocks;   // physical blocks of the sequence in order
    int tiles_per_block;
} AttentionTask;

// The position of the last token that one of a task's tokens sees.
static inline int last_seen(const AttentionTask *task, int token) {
    return task->length ? task->length - 1 : task->position + token;
}

// Floats of scratch that one thread needs for `attend` and `attend_segments`.
static inline size_t attention_scratch_floats(HeadShape head) {
    size_t keys = (size_t)head.keys, values = (size_t)head.values;
    size_t row = keys / 2 + 2 * values + 3 * ATTENTION_TILE / 2 + 64;
    return keys + ATTENTION_ROWS * row + ATTENTION_TILE * (keys + values) / 2;
}

// Floats of one row's partial result of one segment: maximum, sum, weighted values.
static inline size_t attention_partial_floats(HeadShape head) { return (size_t)head.values + 2; }

// The nonlinearities of feed-forward parts.
typedef enum Activation {
    ACTIVATION_SILU,          // x / (1 + exp(-x))
    ACTIVATION_GELU_TANH,     // GELU by its tanh form
    ACTIVATION_GELU_ERF,      // x times the normal distribution's integral up to x, within 2e-7 |x|
    ACTIVATION_RELU,          // max(x, 0)
    ACTIVATION_RELU_SQUARED,  // max(x, 0)^2
    ACTIVATION_COUNT,
} Activation;

typedef struct LayerKernels {
    // The instruction set's name.
    const char *name;

    // y[i] = x[i] / sqrt(mean(x^2) + epsilon) * weight[i]. May work in place.
    void (*rms_norm)(const float *x, const float *weight, float epsilon, int n, float *y);

    // y[i] = (x[i] - mean(x)) / sqrt(variance(x) + epsilon) * weight[i] + bias[i]; a null bias is 0. May work in place.
    void (*layer_norm)(const float *x, const float *weight, const float *bias, float epsilon, int n, float *y);

    // y[i] += x[i]
    void (*add)(const float *x, int n, float *y);

    // y[i] = x[i] * factor. May work in place.
    void (*scale)(const float *x, float factor, int n, float *y);

    // y[i] = cap * tanh(x[i] / cap). May work in place.
    void (*softcap)(const float *x, float cap, int n, float *y);

    // out[i] = activation(gate[i]) * up[i]. May work in place.
    void (*gated[ACTIVATION_COUNT])(const float *gate, const float *up, int n, float *out);

    // out[i] = activation(x[i]). May work in place.
    void (*plain[ACTIVATION_COUNT])(const float *x, int n, float *out);

    // out[i] = g / (1 + exp(-1.702 g)) * (u + 1) with g = min(gate[i], limit), u = min(max(up[i], -limit), limit), as in
    // gpt-oss. May work in place.
    void (*gated_within)(const float *gate, const float *up, float limit, int n, float *out);

    // Rotates (x[i], x[i + half]) by the angle i, in place ("NEOX" rotary embedding).
    void (*rotate_halves)(float *x, const float *cosines, const float *sines, int half);

    // Rotates (x[2 i], x[2 i + 1]) by the angle i, in place ("normal" rotary embedding).
    void (*rotate_pairs)(float *x, const float *cosines, const float *sines, int half);

    // Writes one token's key and value of one KV head to column `column` of a tile. Bfloat16 is rounded to nearest, ties
    // to even, subnormal numbers to zero, and what would become infinite to the largest finite number; 8-bit integers are
    // the numbers as rotated by hadamard.h over the group's scale, its largest size / 127 rounded to half precision, rounded
    // to nearest. Where values are keys, `value` isn't read.
    void (*store_key_value)(
        CacheType type, const float *key, const float *value, HeadShape head, int column, uint8_t *tile);

    // Softmax attention of all rows of a task. Queries, and the weights exp(score - maximum), are rounded to bfloat16
    // before they are multiplied; sums are in single precision. With a cache in single precision nothing is rounded, and
    // every instruction set gives the same bits.
    void (*attend)(const AttentionTask *task, float *scratch);

    // The partial results of segments [first, last) of a task:
    // partials[segment][tokens * group][attention_partial_floats].
    void (*attend_segments)(const AttentionTask *task, int first, int last, float *partials, float *scratch);

    // Merges the partial results of segments [first, last) in order and writes the task's output: the same bits as
    // `attend` when they are all segments that a row sees.
    void (*merge_segments)(const AttentionTask *task, int first, int last, const float *partials);

    // maxima[g] = the largest of the LOGIT_GROUP numbers from g * LOGIT_GROUP on; NaN is passed over, -infinity when
    // nothing is left.
    void (*group_maxima)(const float *x, int n, float *maxima);

    // sum of exp((x[i] - shift) / temperature), where shift >= every x[i] and temperature > 0, within 2 units in the last
    // place each; below exp(-87) and for NaN it is 0. The same bits on every instruction set.
    double (*sum_of_exponentials)(const float *x, int n, float shift, float temperature);

    // y[i] = the summands of that. May work in place.
    void (*exponentials)(const float *x, int n, float shift, float temperature, float *y);

    // Writes the indices of numbers >= threshold, ascending, as long as there is room; `maxima` are those of the groups.
    // Returns how many there are.
    int (*collect_at_least)(
        const float *x, int n, const float *maxima, float threshold, int32_t *indices, int capacity);
} LayerKernels;

// The table for an instruction set, 0: portable C, 1: AVX2 with FMA and F16C, 2: AVX-512 F/BW/VL. The caller makes
// sure that the machine has it.
const LayerKernels *layer_kernels_for_level(int level);

// The highest level whose instructions this machine has.
int layer_kernels_highest_level(void);

// The table of level 2 for machines without `vdpbf16ps`, whatever this one has: both give the same bits.
const LayerKernels *layer_kernels_without_bf16(void);

// The functions of an activation.
static inline void activate_gated(
    const LayerKernels *kernels, Activation activation, const float *gate, const float *up, int n, float *out) {
    kernels->gated[activation](gate, up, n, out);
}
static inline void activate_plain(
    const LayerKernels *kernels, Activation activation, const float *x, int n, float *out) {
    kernels->plain[activation](x, n, out);
}

// Adds to a shared counter and returns its value before.
static inline int32_t counter_next(int32_t *counter) { return __atomic_fetch_add(counter, 1, __ATOMIC_ACQ_REL); }

#endif
