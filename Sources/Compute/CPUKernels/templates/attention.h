// Softmax attention over the paged KV cache, as small matrix products over the query rows of one KV head.
//
// Query rows are packed into panels of at most PANEL rows, [keys / 2][rows][2], so that the product with a tile of keys
// holds rows x 32 scores in registers and the product with its values rows x some dimensions. Numbers are multiplied as
// bfloat16, in pairs, because there are instructions for that which do twice as much as those for single precision.
// Each score is one chain of multiply-adds over the dimensions, each output one chain over the tokens, of each pair the
// second first: neither depends on the panel's shape.
// A token that a row may not see has the score -infinity, so its weight is exactly 0 and it changes nothing.
// (The online softmax is that of FlashAttention, arXiv 2205.14135; the segments are those of FlashDecoding.)

#include "../hadamard.h"
#include "../portable_attention.h"

// Rows of a panel: as many as leave registers for operands beside two vectors of sums each, and no more than the groups
// of query heads that are common.
#define PANEL (LANES == 16 ? 8 : 6)

// The first panel asks for memory so many tiles before it uses it; a tile takes less time than memory does.
#define TILES_AHEAD 2

typedef struct {
    uint32_t *queries;   // panels, one after the other, each [keys / 2][rows of the panel], pairs of dimensions
    float *scores;       // [rows][ATTENTION_TILE]
    uint16_t *weights;   // [rows][ATTENTION_TILE]
    float *values;       // [rows][values], of the segment
    float *total;        // [rows][values], of the segments before
    float *maximum;      // [rows]
    float *sums;         // [rows][LANES]
    float *total_maximum, *total_sum;  // [rows]
    float *query;        // [keys]
    uint16_t *expanded;  // a tile of bytes as bfloat16, which holds them exactly, and values that are keys
} AttentionScratch;

static AttentionScratch KERNEL(attention_scratch)(float *memory, HeadShape head) {
    AttentionScratch s;
    size_t rows = ATTENTION_ROWS, keys = (size_t)head.keys, values = (size_t)head.values;
    s.query = memory;
    s.queries = (uint32_t *)(s.query + keys);
    s.values = s.query + keys + rows * keys / 2;
    s.total = s.values + rows * values;
    s.scores = s.total + rows * values;
    s.weights = (uint16_t *)(s.scores + rows * ATTENTION_TILE);
    s.expanded = s.weights + rows * ATTENTION_TILE;
    s.sums = s.scores + rows * ATTENTION_TILE * 3 / 2 + ATTENTION_TILE * (keys + values) / 2;
    s.maximum = s.sums + rows * LANES;
    s.total_maximum = s.maximum + rows;
    s.total_sum = s.total_maximum + rows;
    return s;
}

// Rows of a panel: as even as can be, because a panel of one row can't hide the latency of its multiply-adds.
static inline int KERNEL(panel_rows)(int rows, int panels, int panel) {
    return rows / panels + (panel < rows % panels);
}

// Asks for the line that lies `ahead` bytes behind one that is used now, in a tile to come: blocks lie anywhere, so the
// hardware's prefetcher stops at the end of each tile (twice the speed from memory). Into the second cache: tiles to
// come would push the present one out of the first.
static inline void prefetch_ahead(const void *now, ptrdiff_t ahead) {
    __builtin_prefetch((const char *)now + ahead, 0, 2);
}

// sum[R][LANES * C] += products of R pairs that lie side by side with LANES * C pairs, in passes over halves of the pairs.
// Whichever operand has more registers is loaded one at a time, or sixteen registers wouldn't do.
#define ADD_PRODUCTS(LAST_PASS, LOAD_ROW, LOAD_COLUMN)                                                                 \
    _Pragma("clang loop unroll(full)") for (int pass = LAST_PASS; pass >= 0; pass--) {                                 \
        if (R < C) {                                                                                                   \
            pairs rows[PANEL];                                                                                         \
            _Pragma("clang loop unroll(full)") for (int r = 0; r < R; r++) rows[r] = LOAD_ROW;                         \
            _Pragma("clang loop unroll(full)") for (int c = 0; c < C; c++) {                                           \
                pairs column = LOAD_COLUMN;                                                                            \
                _Pragma("clang loop unroll(full)") for (int r = 0; r < R; r++)                                         \
                    sum[r][c] = pairs_fma(rows[r], column, sum[r][c]);                                                 \
            }                                                                                                          \
        } else {                                                                                                       \
            pairs columns[4];                                                                                          \
            _Pragma("clang loop unroll(full)") for (int c = 0; c < C; c++) columns[c] = LOAD_COLUMN;                   \
            _Pragma("clang loop unroll(full)") for (int r = 0; r < R; r++) {                                           \
                pairs row = LOAD_ROW;                                                                                  \
                _Pragma("clang loop unroll(full)") for (int c = 0; c < C; c++)                                         \
                    sum[r][c] = pairs_fma(row, columns[c], sum[r][c]);                                                 \
            }                                                                                                          \
        }                                                                                                              \
    }

// scores[R][LANES * C] of LANES * C tokens of a tile; `scales` of bytes, null for bfloat16 (a constant).
static inline __attribute__((always_inline)) void KERNEL(score)(
    int R, int C, const uint32_t *queries, const uint32_t *keys, const uint16_t *scales, size_t first, int head_dim,
    float *scores, ptrdiff_t ahead) {
    const int width = scales ? CACHE_SCALE_GROUP : head_dim;
    for (int start = 0; start < head_dim; start += width) {
        lanes sum[PANEL][4];
#pragma clang loop unroll(full)
        for (int r = 0; r < R; r++) {
#pragma clang loop unroll(full)
            for (int c = 0; c < C; c++) sum[r][c] = lanes_all(0);
        }
        int end = start + width < head_dim ? start + width : head_dim;
        for (int d = start / 2; d < end / 2; d++) {
            const uint32_t *key = keys + (size_t)d * ATTENTION_TILE + first;
            for (int i = 0; i < C * LANES; i += 16) prefetch_ahead(key + i, ahead);
            ADD_PRODUCTS(FIRST_PASS, pairs_all(queries[d * R + r], pass), pairs_load(key + c * LANES, pass))
        }
#pragma clang loop unroll(full)
        for (int r = 0; r < R; r++) {
#pragma clang loop unroll(full)
            for (int c = 0; c < C; c++) {
                float *score = scores + r * ATTENTION_TILE + c * LANES;
                if (scales) {
                    const uint16_t *own = scales + start / CACHE_SCALE_GROUP * ATTENTION_TILE;
                    lanes scale = lanes_load_half(own + first + (size_t)c * LANES);
                    sum[r][c] = start ? lanes_fma(sum[r][c], scale, lanes_load(score)) : lanes_multiply(sum[r][c], scale);
                }
                lanes_store(score, sum[r][c]);
            }
        }
    }
}

static inline uint32_t pair_at(const uint16_t *p) {
    uint32_t pair;
    memcpy(&pair, p, sizeof pair);
    return pair;
}

// values[R][LANES * C at `first`] += weights[R][tokens low ..< high] x tile
static inline __attribute__((always_inline)) void KERNEL(weigh)(
    int R, int C, const uint16_t *weights, const uint32_t *tile, size_t first, int low, int high, int head_dim,
    float *values, ptrdiff_t ahead) {
    lanes sum[PANEL][4];
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++) {
#pragma clang loop unroll(full)
        for (int c = 0; c < C; c++) sum[r][c] = lanes_load(values + (size_t)r * head_dim + first + c * LANES);
    }
    int t = low / 2;
    const uint32_t *value = tile + (size_t)t * (size_t)head_dim + first;
    for (; t < high / 2; t++, value += head_dim) {
        for (int i = 0; i < C * LANES; i += 16) prefetch_ahead(value + i, ahead);
        ADD_PRODUCTS(
            FIRST_PASS, pairs_all(pair_at(weights + r * ATTENTION_TILE + 2 * t), pass),
            pairs_load(value + c * LANES, pass))
    }
    // The last token's partner may not have been written.
    if (high % 2) {
        ADD_PRODUCTS(
            0, pairs_all(pair_at(weights + r * ATTENTION_TILE + 2 * t), pass), pairs_load_first(value + c * LANES, pass))
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++) {
#pragma clang loop unroll(full)
        for (int c = 0; c < C; c++) lanes_store(values + (size_t)r * head_dim + first + c * LANES, sum[r][c]);
    }
}

// Vectors at once for R rows, such that R x C sums and their operands fit in sixteen registers. (Three rows would just
// fit with four vectors, but the compiler spills; two vectors are half as fast again.)
#define COLUMNS(R) ((R) <= 2 ? (ATTENTION_TILE / LANES < 4 ? ATTENTION_TILE / LANES : 4) : 2)

static inline __attribute__((always_inline)) void KERNEL(score_panel)(
    int R, const uint32_t *queries, const uint32_t *keys, const uint16_t *scales, int head_dim, float *scores,
    ptrdiff_t ahead) {
    for (size_t first = 0; first < ATTENTION_TILE; first += COLUMNS(R) * LANES) {
        KERNEL(score)(R, COLUMNS(R), queries, keys, scales, first, head_dim, scores + first, ahead);
    }
}

static inline __attribute__((always_inline)) void KERNEL(weigh_panel)(
    int R, const uint16_t *weights, const uint32_t *tile, const uint16_t *scales, int low, int high, int head_dim,
    float *values, ptrdiff_t ahead) {
    const int width = scales ? CACHE_SCALE_GROUP : head_dim;
    for (int start = 0; start < head_dim; start += width) {
        uint16_t scaled[PANEL * ATTENTION_TILE];
        for (int t = 0; scales && t < ATTENTION_TILE; t += LANES) {
            lanes scale = lanes_load_half(scales + start / CACHE_SCALE_GROUP * ATTENTION_TILE + t);
            for (int r = 0; r < R; r++) {
                // Tokens that nobody may see have no scale.
                lanes weight = lanes_load_bf16(weights + r * ATTENTION_TILE + t);
                lanes product = lanes_zero_below(lanes_multiply(weight, scale), weight, lanes_all(0x1p-126f));
                lanes_store_bf16(scaled + r * ATTENTION_TILE + t, product);
            }
        }
        const uint16_t *own = scales ? scaled : weights;
        int d = start, end = start + width < head_dim ? start + width : head_dim;
        for (; d + COLUMNS(R) * LANES <= end; d += COLUMNS(R) * LANES) {
            KERNEL(weigh)(R, COLUMNS(R), own, tile, (size_t)d, low, high, head_dim, values, ahead);
        }
        for (; d + LANES <= end; d += LANES) {
            KERNEL(weigh)(R, 1, own, tile, (size_t)d, low, high, head_dim, values, ahead);
        }
    }
}

#define FOR_PANEL(rows, CALL)                                                                                          \
    switch (rows) {                                                                                                    \
    case 1: CALL(1); break;                                                                                            \
    case 2: CALL(2); break;                                                                                            \
    case 3: CALL(3); break;                                                                                            \
    case 4: CALL(4); break;                                                                                            \
    case 5: CALL(5); break;                                                                                            \
    case 6: CALL(6); break;                                                                                            \
    FOR_WIDE_PANEL(CALL)                                                                                               \
    }

#if LANES == 16
#define FOR_WIDE_PANEL(CALL)                                                                                           \
    case 7: CALL(7); break;                                                                                            \
    case 8: CALL(8); break;
#else
#define FOR_WIDE_PANEL(CALL)
#endif

// One row's scores of a tile become weights: tokens low ..< high are seen, the others' weights are 0.
static inline void KERNEL(online_softmax)(
    const float *scores, uint16_t *weights, float softcap, int low, int high, int head_dim, float *maximum,
    float *sums, float *values) {
    enum { VECTORS = ATTENTION_TILE / LANES };
    lanes s[VECTORS];
    for (int c = 0; c < VECTORS; c++) s[c] = lanes_load(scores + c * LANES);
    if (softcap != 0) {
        for (int c = 0; c < VECTORS; c++) s[c] = lanes_softcap(s[c], softcap);
    }
    if (low > 0 || high < ATTENTION_TILE) {
        for (int c = 0; c < VECTORS; c++) s[c] = lanes_keep(s[c], low - c * LANES, high - c * LANES);
    }
    lanes highest = s[0];
    for (int c = 1; c < VECTORS; c++) highest = lanes_max(highest, s[c]);
    lanes sum = lanes_load(sums);
    if (lanes_greater(highest, lanes_all(*maximum))) {
        float new_maximum = lanes_maximum(highest);
        if (*maximum > -INFINITY) {
            lanes factor = lanes_exp(lanes_all(*maximum - new_maximum));
            sum = lanes_multiply(sum, factor);
            for (int d = 0; d < head_dim; d += LANES) {
                lanes_store(values + d, lanes_multiply(lanes_load(values + d), factor));
            }
        }
        *maximum = new_maximum;
    }
    // Nothing seen yet: any finite number makes the weights exp(-infinity) = 0.
    lanes shift = lanes_all(*maximum > -INFINITY ? *maximum : 0);
    for (int c = 0; c < VECTORS; c++) {
        lanes_store_bf16(weights + c * LANES, lanes_exp(lanes_subtract(s[c], shift)));
        sum = lanes_add(sum, lanes_load_bf16(weights + c * LANES));
    }
    lanes_store(sums, sum);
}

// Merges one segment's result of one row into the result of the segments before. A segment of which the row sees
// nothing changes nothing.
static inline void KERNEL(merge_row)(
    float maximum, float sum, const float *values, int head_dim, float *total_maximum, float *total_sum, float *total) {
    if (!(maximum > -INFINITY)) return;
    if (!(*total_maximum > -INFINITY)) {
        *total_maximum = maximum;
        *total_sum = sum;
        for (int d = 0; d < head_dim; d += LANES) lanes_store(total + d, lanes_load(values + d));
        return;
    }
    float highest = maximum > *total_maximum ? maximum : *total_maximum;
    lanes a = lanes_exp(lanes_all(*total_maximum - highest)), b = lanes_exp(lanes_all(maximum - highest));
    float factors[2][LANES];
    lanes_store(factors[0], a);
    lanes_store(factors[1], b);
    *total_sum = fmaf(*total_sum, factors[0][0], sum * factors[1][0]);
    *total_maximum = highest;
    for (int d = 0; d < head_dim; d += LANES) {
        lanes_store(
            total + d, lanes_fma(lanes_load(total + d), a, lanes_multiply(lanes_load(values + d), b)));
    }
}

// Divides by the sum of the row's weights, a sink's among them.
static inline void KERNEL(write_row)(
    const AttentionTask *task, int row, float maximum, float sum, const float *total, float *output) {
    lanes divisor = lanes_all(sum);
    if (task->sinks) {
        lanes beyond = lanes_all(task->sinks[row % task->group] - maximum);
        divisor = lanes_add(divisor, lanes_exp(lanes_min(beyond, lanes_all(88.0f))));
    }
    for (int d = 0; d < task->head.values; d += LANES) {
        lanes_store(output + d, lanes_divide(lanes_load(total + d), divisor));
    }
    if (task->cache_type == CACHE_INT8) hadamard_rotate(output, task->head.values);
}

static void KERNEL(pack_queries)(const AttentionTask *task, AttentionScratch *s) {
    int rows = task->tokens * task->group, panels = (rows + PANEL - 1) / PANEL;
    uint32_t *out = s->queries;
    for (int panel = 0, row = 0; panel < panels; panel++) {
        int count = KERNEL(panel_rows)(rows, panels, panel);
        for (int r = 0; r < count; r++, row++) {
            const float *q = task->queries + (size_t)(row / task->group) * task->query_stride +
                             (size_t)(row % task->group) * (size_t)task->head.keys;
            if (task->cache_type == CACHE_INT8) {
                q = memcpy(s->query, q, sizeof(float) * (size_t)task->head.keys);
                hadamard_rotate(s->query, task->head.keys);
            }
            for (int d = 0; d < task->head.keys; d += LANES) {
                uint16_t rounded[LANES];
                lanes_store_bf16(rounded, lanes_load(q + d));
                for (int i = 0; i < LANES; i += 2) out[(d + i) / 2 * count + r] = pair_at(rounded + i);
            }
        }
        out += (size_t)count * (size_t)task->head.keys / 2;
    }
}

static inline const uint8_t *KERNEL(tile_address)(const AttentionTask *task, int tile) {
    return task->cache + (size_t)task->blocks[tile / task->tiles_per_block] * task->block_stride +
           (size_t)(tile % task->tiles_per_block) * cache_tile_bytes(task->cache_type, task->head);
}

// A tile of bytes as bfloat16; asks for the bytes of the tile to come.
static const uint16_t *KERNEL(expanded_tile)(const uint8_t *tile, HeadShape head, ptrdiff_t ahead, uint16_t *expanded) {
    size_t numbers = ATTENTION_TILE * ((size_t)head.keys + stored_values(head));
    for (size_t i = 0; i < numbers; i += LANES) {
        if (i % 64 == 0) prefetch_ahead(tile + i, ahead);
        lanes_store_bf16(expanded + i, lanes_load_bytes((const int8_t *)tile + i));
    }
    size_t end = cache_tile_bytes(CACHE_INT8, head);
    for (size_t i = numbers; i < end; i += 64) prefetch_ahead(tile + i, ahead);
    return expanded;
}

// Values that are keys, from pairs of dimensions to pairs of tokens.
static const uint16_t *KERNEL(values_of_keys)(const uint16_t *keys, HeadShape head, uint16_t *values) {
    for (int d = 0; d < head.values; d += 2) {
        const uint16_t *pairs = keys + (size_t)d * ATTENTION_TILE;
        for (int t = 0; t < ATTENTION_TILE; t += 2, pairs += 4) {
            uint16_t *out = values + (size_t)t * (size_t)head.values + 2 * (size_t)d;
            out[0] = pairs[0], out[1] = pairs[2], out[2] = pairs[1], out[3] = pairs[3];
        }
    }
    return values;
}

// The tile's share of the online softmax of all rows.
static void KERNEL(attend_tile)(const AttentionTask *task, AttentionScratch *s, int tile) {
    int rows = task->tokens * task->group, panels = (rows + PANEL - 1) / PANEL;
    const HeadShape head = task->head;
    const int dim = head.values;
    int start = tile * ATTENTION_TILE;
    const uint8_t *memory = KERNEL(tile_address)(task, tile);
    int last_tile = last_seen(task, task->tokens - 1) / ATTENTION_TILE;
    int later = tile + TILES_AHEAD < last_tile ? tile + TILES_AHEAD : last_tile;
    ptrdiff_t ahead = KERNEL(tile_address)(task, later) - memory;
    const uint16_t *numbers = (const uint16_t *)memory, *key_scales = 0, *value_scales = 0;
    if (task->cache_type == CACHE_INT8) {
        numbers = KERNEL(expanded_tile)(memory, head, ahead, s->expanded);
        ahead = 0;
        key_scales = (const uint16_t *)(memory + ATTENTION_TILE * ((size_t)head.keys + stored_values(head)));
        value_scales = key_scales + (head.values_are_keys ? 0 : ATTENTION_TILE * cache_scale_groups((size_t)head.keys));
    }
    const uint32_t *keys = (const uint32_t *)numbers, *values = keys + ATTENTION_TILE * (size_t)head.keys / 2;
    if (head.values_are_keys) {
        uint16_t *room = s->expanded + ATTENTION_TILE * (size_t)head.keys;
        values = (const uint32_t *)KERNEL(values_of_keys)(numbers, head, room);
    }
    const uint32_t *queries = s->queries;
    for (int panel = 0, row = 0; panel < panels; panel++) {
        int count = KERNEL(panel_rows)(rows, panels, panel);
        float *scores = s->scores + (size_t)row * ATTENTION_TILE, *outputs = s->values + (size_t)row * dim;
        uint16_t *weights = s->weights + (size_t)row * ATTENTION_TILE;
        int last = last_seen(task, (row + count - 1) / task->group);
        int first = task->position + row / task->group;
        // A panel none of whose rows sees the tile has nothing to do.
        if (last >= start && !(task->window && first - task->window + 1 >= start + ATTENTION_TILE)) {
#define SCORE(R) KERNEL(score_panel)(R, queries, keys, 0, head.keys, scores, ahead)
#define SCORE_SCALED(R) KERNEL(score_panel)(R, queries, keys, key_scales, head.keys, scores, ahead)
            if (key_scales) {
                FOR_PANEL(count, SCORE_SCALED)
            } else {
                FOR_PANEL(count, SCORE)
            }
            for (int r = 0; r < count; r++) {
                int token = (row + r) / task->group, position = task->position + token;
                int high = last_seen(task, token) + 1 - start;
                int low = task->window ? position - task->window + 1 - start : 0;
                KERNEL(online_softmax)(
                    scores + r * ATTENTION_TILE, weights + r * ATTENTION_TILE, task->softcap, low, high, dim,
                    s->maximum + row + r, s->sums + (size_t)(row + r) * LANES, outputs + (size_t)r * dim);
            }
            int high = last + 1 - start, low = task->window ? first - task->window + 1 - start : 0;
            high = high < ATTENTION_TILE ? high : ATTENTION_TILE;
            low = low > 0 ? low : 0;
#define WEIGH(R) KERNEL(weigh_panel)(R, weights, values, 0, low, high, dim, outputs, ahead)
#define WEIGH_SCALED(R) KERNEL(weigh_panel)(R, weights, values, value_scales, low, high, dim, outputs, ahead)
            if (value_scales) {
                FOR_PANEL(count, WEIGH_SCALED)
            } else {
                FOR_PANEL(count, WEIGH)
            }
            // The later panels find the tile in the cache.
            ahead = 0;
        }
        queries += (size_t)count * (size_t)head.keys / 2;
        row += count;
    }
}

// One segment of all rows, into `values`, `maximum` and `sums` of the scratch.
static void KERNEL(attend_segment)(const AttentionTask *task, AttentionScratch *s, int segment) {
    int rows = task->tokens * task->group;
    for (int r = 0; r < rows; r++) s->maximum[r] = -INFINITY;
    memset(s->sums, 0, sizeof(float) * (size_t)rows * LANES);
    memset(s->values, 0, sizeof(float) * (size_t)rows * (size_t)task->head.values);
    int first = segment * (ATTENTION_SEGMENT / ATTENTION_TILE), last = first + ATTENTION_SEGMENT / ATTENTION_TILE;
    int end = last_seen(task, task->tokens - 1) / ATTENTION_TILE + 1;
    int oldest = task->window ? task->position - task->window + 1 : 0;
    if (oldest > 0 && oldest / ATTENTION_TILE > first) first = oldest / ATTENTION_TILE;
    for (int tile = first; tile < last && tile < end; tile++) KERNEL(attend_tile)(task, s, tile);
}

static void KERNEL(attend)(const AttentionTask *task, float *scratch) {
    if (task->cache_type == CACHE_F32) return attend_portable(task, scratch);
    int rows = task->tokens * task->group, dim = task->head.values;
    AttentionScratch s = KERNEL(attention_scratch)(scratch, task->head);
    KERNEL(pack_queries)(task, &s);
    for (int r = 0; r < rows; r++) s.total_maximum[r] = -INFINITY;
    int oldest = task->window ? task->position - task->window + 1 : 0;
    int segments = last_seen(task, task->tokens - 1) / ATTENTION_SEGMENT + 1;
    for (int segment = oldest > 0 ? oldest / ATTENTION_SEGMENT : 0; segment < segments; segment++) {
        KERNEL(attend_segment)(task, &s, segment);
        for (int r = 0; r < rows; r++) {
            KERNEL(merge_row)(
                s.maximum[r], lanes_sum(lanes_load(s.sums + (size_t)r * LANES)), s.values + (size_t)r * dim, dim,
                s.total_maximum + r, s.total_sum + r, s.total + (size_t)r * dim);
        }
    }
    for (int r = 0; r < rows; r++) {
        KERNEL(write_row)(
            task, r, s.total_maximum[r], s.total_sum[r], s.total + (size_t)r * dim,
            task->output + (size_t)(r / task->group) * task->output_stride + (size_t)(r % task->group) * dim);
    }
}

static void KERNEL(attend_segments)(
    const AttentionTask *task, int first, int last, float *partials, float *scratch) {
    if (task->cache_type == CACHE_F32) return attend_segments_portable(task, first, last, partials, scratch);
    int rows = task->tokens * task->group, dim = task->head.values;
    size_t width = attention_partial_floats(task->head);
    AttentionScratch s = KERNEL(attention_scratch)(scratch, task->head);
    KERNEL(pack_queries)(task, &s);
    for (int segment = first; segment < last; segment++) {
        KERNEL(attend_segment)(task, &s, segment);
        for (int r = 0; r < rows; r++) {
            float *partial = partials + ((size_t)segment * rows + r) * width;
            partial[0] = s.maximum[r];
            partial[1] = lanes_sum(lanes_load(s.sums + (size_t)r * LANES));
            memcpy(partial + 2, s.values + (size_t)r * dim, sizeof(float) * (size_t)dim);
        }
    }
}

static void KERNEL(merge_segments)(const AttentionTask *task, int first, int last, const float *partials) {
    if (task->cache_type == CACHE_F32) return merge_segments_portable(task, first, last, partials);
    int rows = task->tokens * task->group, dim = task->head.values;
    size_t width = attention_partial_floats(task->head);
    for (int r = 0; r < rows; r++) {
        float *total = task->output + (size_t)(r / task->group) * task->output_stride + (size_t)(r % task->group) * dim;
        float total_maximum = -INFINITY, total_sum = 0;
        for (int segment = first; segment < last; segment++) {
            const float *partial = partials + ((size_t)segment * rows + r) * width;
            KERNEL(merge_row)(partial[0], partial[1], partial + 2, dim, &total_maximum, &total_sum, total);
        }
        KERNEL(write_row)(task, r, total_maximum, total_sum, total, total);
    }
}

// Up to CACHE_SCALE_GROUP numbers, rotated, as 8-bit integers; returns their scale.
static inline uint16_t KERNEL(quantize_group)(const float *numbers, int count, int8_t *integers) {
    float x[CACHE_SCALE_GROUP];
    memcpy(x, numbers, sizeof(float) * (size_t)count);
    hadamard_rotate(x, count);
    lanes largest = lanes_all(0);
    for (int d = 0; d < count; d += LANES) {
        lanes a = lanes_load(x + d);
        largest = lanes_max(lanes_max(a, lanes_subtract(lanes_all(0), a)), largest);
    }
    uint16_t half[LANES];
    float rounded[LANES];
    lanes_store_half(half, lanes_all(fminf(lanes_maximum(largest) / 127.0f, 65504.0f)));
    lanes_store(rounded, lanes_load_half(half));
    lanes inverse = lanes_all(rounded[0] > 0 ? 1.0f / rounded[0] : 0);
    for (int d = 0; d < count; d += LANES) {
        lanes a = lanes_multiply(lanes_load(x + d), inverse);
        lanes_store_bytes(integers + d, lanes_max(lanes_min(a, lanes_all(127)), lanes_all(-127)));
    }
    return half[0];
}

static void KERNEL(store_bytes)(const float *key, const float *value, HeadShape head, int column, uint8_t *tile) {
    int8_t *bytes = (int8_t *)tile, integers[CACHE_SCALE_GROUP];
    int values = (int)stored_values(head);
    uint16_t *scales = (uint16_t *)(tile + ATTENTION_TILE * ((size_t)head.keys + (size_t)values)) + column;
    for (int d = 0; d < head.keys; d += CACHE_SCALE_GROUP, scales += ATTENTION_TILE) {
        int count = head.keys - d < CACHE_SCALE_GROUP ? head.keys - d : CACHE_SCALE_GROUP;
        scales[0] = KERNEL(quantize_group)(key + d, count, integers);
        for (int i = 0; i < count; i++) bytes[cache_key_index(d + i, column)] = integers[i];
    }
    for (int d = 0; d < values; d += CACHE_SCALE_GROUP, scales += ATTENTION_TILE) {
        int count = values - d < CACHE_SCALE_GROUP ? values - d : CACHE_SCALE_GROUP;
        scales[0] = KERNEL(quantize_group)(value + d, count, integers);
        for (int i = 0; i < count; i++) bytes[cache_value_index(head, d + i, column)] = integers[i];
    }
}

static void KERNEL(store_key_value)(
    CacheType type, const float *key, const float *value, HeadShape head, int column, uint8_t *tile) {
    if (type == CACHE_F32) return store_key_value_portable(type, key, value, head, column, tile);
    if (type == CACHE_INT8) {
        KERNEL(store_bytes)(key, value, head, column, tile);
        return;
    }
    uint16_t *numbers = (uint16_t *)tile, rounded[LANES];
    lanes highest = lanes_all(0x1.fep127f), lowest = lanes_all(-0x1.fep127f);
    for (int d = 0; d < head.keys; d += LANES) {
        lanes_store_bf16(rounded, lanes_max(lanes_min(lanes_load(key + d), highest), lowest));
        for (int i = 0; i < LANES; i++) numbers[cache_key_index(d + i, column)] = rounded[i];
    }
    for (int d = 0; d < (int)stored_values(head); d += LANES) {
        lanes_store_bf16(rounded, lanes_max(lanes_min(lanes_load(value + d), highest), lowest));
        for (int i = 0; i < LANES; i++) numbers[cache_value_index(head, d + i, column)] = rounded[i];
    }
}
