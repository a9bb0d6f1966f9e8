// Softmax attention over the paged KV cache, as small matrix products over the query rows of one KV head.
//
// Query rows are packed into panels of at most PANEL rows, [head_dim][rows], so that the product with a tile of keys
// holds rows x 32 scores in registers and the product with its values rows x some dimensions. Each score is one chain
// of multiply-adds over the dimensions, each output one chain over the tokens: neither depends on the panel's shape.
// A token that a row may not see has the score -infinity, so its weight is exactly 0 and it changes nothing.
// (The online softmax is that of FlashAttention, arXiv 2205.14135; the segments are those of FlashDecoding.)

// Rows of a panel: as many as leave registers for operands beside two vectors of sums each, and no more than the groups
// of query heads that are common.
#define PANEL (LANES == 16 ? 8 : 6)

// A lone panel asks for memory so many tiles before it uses it; a tile takes less time than memory does.
#define TILES_AHEAD 3

typedef struct {
    float *queries;   // panels, one after the other, each [head_dim][rows of the panel]
    float *scores;    // [rows][ATTENTION_TILE]
    float *values;    // [rows][head_dim], of the segment
    float *total;     // [rows][head_dim], of the segments before
    float *maximum;   // [rows]
    float *sums;      // [rows][LANES]
    float *total_maximum, *total_sum;  // [rows]
    float *key_tile, *value_tile;      // in single precision, for tasks of more than one panel
} AttentionScratch;

static AttentionScratch KERNEL(attention_scratch)(float *memory, int head_dim) {
    AttentionScratch s;
    size_t rows = ATTENTION_ROWS, dim = (size_t)head_dim;
    s.queries = memory;
    s.values = s.queries + rows * dim;
    s.total = s.values + rows * dim;
    s.scores = s.total + rows * dim;
    s.key_tile = s.scores + rows * ATTENTION_TILE;
    s.value_tile = s.key_tile + ATTENTION_TILE * dim;
    s.sums = s.value_tile + ATTENTION_TILE * dim;
    s.maximum = s.sums + rows * LANES;
    s.total_maximum = s.maximum + rows;
    s.total_sum = s.total_maximum + rows;
    return s;
}

// Rows of a panel: as even as can be, because a panel of one row can't hide the latency of its multiply-adds.
static inline int KERNEL(panel_rows)(int rows, int panels, int panel) {
    return rows / panels + (panel < rows % panels);
}

// What a tile's keys and values are read as. A lone panel reads the cache itself, more panels share a copy in single
// precision. Numbers of an 8-bit cache are multiplied unscaled, and the products of a group of dimensions scaled.
typedef enum { IN_FLOAT, IN_HALF, IN_FLOAT_SCALED, IN_BYTES_SCALED } Form;

static inline int is_scaled(Form form) { return form >= IN_FLOAT_SCALED; }

static inline lanes KERNEL(element)(const void *p, size_t index, Form form) {
    if (form == IN_HALF) return lanes_load_half((const uint16_t *)p + index);
    if (form == IN_BYTES_SCALED) return lanes_load_bytes((const int8_t *)p + index);
    return lanes_load((const float *)p + index);
}

// Asks for the line that lies `ahead` bytes behind one that is used now, in a tile to come: blocks lie anywhere, so the
// hardware's prefetcher stops at the end of each tile (twice the speed from memory). Into the second cache: tiles to
// come would push the present one out of the first.
static inline void prefetch_ahead(const void *now, ptrdiff_t ahead) {
    __builtin_prefetch((const char *)now + ahead, 0, 2);
}

// sum[R][LANES * C] += products of dimensions low ..< high with LANES * C tokens of a tile.
static inline __attribute__((always_inline)) void KERNEL(multiply_keys)(
    int R, int C, Form form, const float *queries, const void *keys, size_t first, int low, int high,
    ptrdiff_t ahead, lanes sum[PANEL][4]) {
    for (int d = low; d < high; d++) {
        // A row of keys is a line of halves, or half a line of bytes.
        if (first == 0 && form == IN_HALF) prefetch_ahead((const uint16_t *)keys + (size_t)d * ATTENTION_TILE, ahead);
        if (first == 0 && form == IN_BYTES_SCALED && d % 2 == 0) {
            prefetch_ahead((const int8_t *)keys + (size_t)d * ATTENTION_TILE, ahead);
        }
        // Whichever operand has more registers is loaded one at a time, or sixteen registers wouldn't do.
        if (R < C) {
            lanes q[PANEL];
#pragma clang loop unroll(full)
            for (int r = 0; r < R; r++) q[r] = lanes_all(queries[d * R + r]);
#pragma clang loop unroll(full)
            for (int c = 0; c < C; c++) {
                lanes k = KERNEL(element)(keys, first + (size_t)d * ATTENTION_TILE + (size_t)c * LANES, form);
#pragma clang loop unroll(full)
                for (int r = 0; r < R; r++) sum[r][c] = lanes_fma(q[r], k, sum[r][c]);
            }
        } else {
            lanes k[4];
#pragma clang loop unroll(full)
            for (int c = 0; c < C; c++) {
                k[c] = KERNEL(element)(keys, first + (size_t)d * ATTENTION_TILE + (size_t)c * LANES, form);
            }
#pragma clang loop unroll(full)
            for (int r = 0; r < R; r++) {
                lanes q = lanes_all(queries[d * R + r]);
#pragma clang loop unroll(full)
                for (int c = 0; c < C; c++) sum[r][c] = lanes_fma(q, k[c], sum[r][c]);
            }
        }
    }
}

// scores[R][LANES * C] of LANES * C tokens of a tile.
static inline __attribute__((always_inline)) void KERNEL(score)(
    int R, int C, Form form, const float *queries, const void *keys, const uint16_t *scales, size_t first,
    int head_dim, float *scores, ptrdiff_t ahead) {
    const int width = is_scaled(form) ? CACHE_SCALE_GROUP : head_dim;
    for (int start = 0; start < head_dim; start += width, scales += ATTENTION_TILE) {
        if (form == IN_BYTES_SCALED && first == 0) prefetch_ahead(scales, ahead);
        lanes sum[PANEL][4];
#pragma clang loop unroll(full)
        for (int r = 0; r < R; r++) {
#pragma clang loop unroll(full)
            for (int c = 0; c < C; c++) sum[r][c] = lanes_all(0);
        }
        int end = start + width < head_dim ? start + width : head_dim;
        KERNEL(multiply_keys)(R, C, form, queries, keys, first, start, end, ahead, sum);
#pragma clang loop unroll(full)
        for (int r = 0; r < R; r++) {
#pragma clang loop unroll(full)
            for (int c = 0; c < C; c++) {
                float *score = scores + r * ATTENTION_TILE + c * LANES;
                if (is_scaled(form)) {
                    lanes scale = lanes_load_half(scales + first + (size_t)c * LANES);
                    sum[r][c] = start ? lanes_fma(sum[r][c], scale, lanes_load(score)) : lanes_multiply(sum[r][c], scale);
                }
                lanes_store(score, sum[r][c]);
            }
        }
    }
}

// values[R][LANES * C at `first`] += weights[R][tokens low ..< high] x tile
static inline __attribute__((always_inline)) void KERNEL(weigh)(
    int R, int C, Form form, const float *weights, const void *tile, size_t first, int low, int high, int head_dim,
    float *values, ptrdiff_t ahead) {
    lanes sum[PANEL][4];
#pragma clang loop unroll(full)
    for (int r = 0; r < R; r++) {
#pragma clang loop unroll(full)
        for (int c = 0; c < C; c++) sum[r][c] = lanes_load(values + (size_t)r * head_dim + first + c * LANES);
    }
    for (int t = low; t < high; t++) {
        size_t at = (size_t)t * (size_t)head_dim + first;
        if (form == IN_HALF && first % 32 == 0) prefetch_ahead((const uint16_t *)tile + at, ahead);
        if (form == IN_BYTES_SCALED && first % 64 == 0) prefetch_ahead((const int8_t *)tile + at, ahead);
        if (R < C) {
            lanes p[PANEL];
#pragma clang loop unroll(full)
            for (int r = 0; r < R; r++) p[r] = lanes_all(weights[r * ATTENTION_TILE + t]);
#pragma clang loop unroll(full)
            for (int c = 0; c < C; c++) {
                lanes v = KERNEL(element)(tile, at + (size_t)c * LANES, form);
#pragma clang loop unroll(full)
                for (int r = 0; r < R; r++) sum[r][c] = lanes_fma(p[r], v, sum[r][c]);
            }
        } else {
            lanes v[4];
#pragma clang loop unroll(full)
            for (int c = 0; c < C; c++) {
                v[c] = KERNEL(element)(tile, at + (size_t)c * LANES, form);
            }
#pragma clang loop unroll(full)
            for (int r = 0; r < R; r++) {
                lanes p = lanes_all(weights[r * ATTENTION_TILE + t]);
#pragma clang loop unroll(full)
                for (int c = 0; c < C; c++) sum[r][c] = lanes_fma(p, v[c], sum[r][c]);
            }
        }
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
    int R, Form form, const float *queries, const void *keys, const uint16_t *scales, int head_dim, float *scores,
    ptrdiff_t ahead) {
    for (size_t first = 0; first < ATTENTION_TILE; first += COLUMNS(R) * LANES) {
        KERNEL(score)(R, COLUMNS(R), form, queries, keys, scales, first, head_dim, scores + first, ahead);
    }
}

static inline __attribute__((always_inline)) void KERNEL(weigh_panel)(
    int R, Form form, const float *weights, const void *tile, const uint16_t *scales, int low, int high, int head_dim,
    float *values, ptrdiff_t ahead) {
    const int width = is_scaled(form) ? CACHE_SCALE_GROUP : head_dim;
    for (int start = 0; start < head_dim; start += width, scales += ATTENTION_TILE) {
        float scaled[PANEL * ATTENTION_TILE];
        const float *own = weights;
        if (form == IN_BYTES_SCALED) prefetch_ahead(scales, ahead);
        if (is_scaled(form)) {
            for (int t = 0; t < ATTENTION_TILE; t += LANES) {
                lanes scale = lanes_load_half(scales + t);
                for (int r = 0; r < R; r++) {
                    int at = r * ATTENTION_TILE + t;
                    lanes_store(scaled + at, lanes_multiply(lanes_load(weights + at), scale));
                }
            }
            own = scaled;
        }
        int d = start, end = start + width < head_dim ? start + width : head_dim;
        for (; d + COLUMNS(R) * LANES <= end; d += COLUMNS(R) * LANES) {
            KERNEL(weigh)(R, COLUMNS(R), form, own, tile, (size_t)d, low, high, head_dim, values, ahead);
        }
        for (; d + LANES <= end; d += LANES) {
            KERNEL(weigh)(R, 1, form, own, tile, (size_t)d, low, high, head_dim, values, ahead);
        }
    }
}

#define FOR_FORM(R, form, CALL)                                                                                        \
    switch (form) {                                                                                                    \
    case IN_FLOAT: CALL(R, IN_FLOAT); break;                                                                           \
    case IN_HALF: CALL(R, IN_HALF); break;                                                                             \
    case IN_FLOAT_SCALED: CALL(R, IN_FLOAT_SCALED); break;                                                             \
    default: CALL(R, IN_BYTES_SCALED); break;                                                                          \
    }

#define FOR_PANEL(rows, form, CALL)                                                                                    \
    switch (rows) {                                                                                                    \
    case 1: FOR_FORM(1, form, CALL) break;                                                                             \
    case 2: FOR_FORM(2, form, CALL) break;                                                                             \
    case 3: FOR_FORM(3, form, CALL) break;                                                                             \
    case 4: FOR_FORM(4, form, CALL) break;                                                                             \
    case 5: FOR_FORM(5, form, CALL) break;                                                                             \
    case 6: FOR_FORM(6, form, CALL) break;                                                                             \
    FOR_WIDE_PANEL(form, CALL)                                                                                         \
    }

#if LANES == 16
#define FOR_WIDE_PANEL(form, CALL)                                                                                     \
    case 7: FOR_FORM(7, form, CALL) break;                                                                             \
    case 8: FOR_FORM(8, form, CALL) break;
#else
#define FOR_WIDE_PANEL(form, CALL)
#endif

// One row's scores of a tile become weights, in place: tokens low ..< high are seen.
static inline void KERNEL(online_softmax)(
    float *scores, int low, int high, int head_dim, float *maximum, float *sums, float *values) {
    enum { VECTORS = ATTENTION_TILE / LANES };
    lanes s[VECTORS];
    for (int c = 0; c < VECTORS; c++) s[c] = lanes_load(scores + c * LANES);
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
        lanes p = lanes_exp(lanes_subtract(s[c], shift));
        sum = lanes_add(sum, p);
        lanes_store(scores + c * LANES, p);
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

static inline void KERNEL(write_row)(float sum, const float *total, int head_dim, float *output) {
    lanes divisor = lanes_all(sum);
    for (int d = 0; d < head_dim; d += LANES) lanes_store(output + d, lanes_divide(lanes_load(total + d), divisor));
}

static void KERNEL(pack_queries)(const AttentionTask *task, AttentionScratch *s) {
    int rows = task->tokens * task->group, panels = (rows + PANEL - 1) / PANEL;
    float *out = s->queries;
    for (int panel = 0, row = 0; panel < panels; panel++) {
        int count = KERNEL(panel_rows)(rows, panels, panel);
        for (int r = 0; r < count; r++, row++) {
            const float *q = task->queries + (size_t)(row / task->group) * task->query_stride +
                             (size_t)(row % task->group) * (size_t)task->head_dim;
            for (int d = 0; d < task->head_dim; d++) out[d * count + r] = q[d];
        }
        out += (size_t)count * (size_t)task->head_dim;
    }
}

static inline const uint8_t *KERNEL(tile_address)(const AttentionTask *task, int tile) {
    return task->cache + (size_t)task->blocks[tile / task->tiles_per_block] * task->block_stride +
           (size_t)(tile % task->tiles_per_block) * cache_tile_bytes(task->cache_type, task->head_dim);
}

// Copies keys, and the values of tokens begin ..< end, to single precision; `ahead` is memory of the next tile.
static inline __attribute__((always_inline)) void KERNEL(expand_tile)(
    Form form, const void *keys, const void *values, int dim, int begin, int end, ptrdiff_t ahead,
    AttentionScratch *s) {
    for (int i = 0; i < ATTENTION_TILE * dim; i += 16) {
        prefetch_ahead((const char *)keys + (form == IN_HALF ? 4 : 2) * i, ahead);
        for (int j = i; j < i + 16; j += LANES) {
            lanes_store(s->key_tile + j, KERNEL(element)(keys, (size_t)j, form));
        }
    }
    for (int i = begin * dim; i < end * dim; i += LANES) {
        lanes_store(s->value_tile + i, KERNEL(element)(values, (size_t)i, form));
    }
}

// The tile's share of the online softmax of all rows.
static void KERNEL(attend_tile)(const AttentionTask *task, AttentionScratch *s, int tile) {
    int rows = task->tokens * task->group, panels = (rows + PANEL - 1) / PANEL, dim = task->head_dim;
    int start = tile * ATTENTION_TILE;
    const uint8_t *memory = KERNEL(tile_address)(task, tile);
    // What the last row sees bounds what has been written of the tile; the first row sees furthest back.
    int end = task->position + task->tokens - start;
    int begin = task->window ? task->position - task->window + 1 - start : 0;
    end = end < ATTENTION_TILE ? end : ATTENTION_TILE;
    begin = begin > 0 ? begin : 0;
    int last_tile = (task->position + task->tokens - 1) / ATTENTION_TILE;
    int later = tile + TILES_AHEAD < last_tile ? tile + TILES_AHEAD : last_tile;
    ptrdiff_t ahead = KERNEL(tile_address)(task, later) - memory;
    int is_half = task->cache_type == CACHE_HALF;
    size_t part = (size_t)(is_half ? 2 : 1) * ATTENTION_TILE * (size_t)dim;
    const void *keys = memory, *values = memory + part;
    const uint16_t *key_scales = (const uint16_t *)(memory + 2 * part);
    const uint16_t *value_scales = key_scales + ATTENTION_TILE * cache_scale_groups(dim);
    Form form = is_half ? IN_HALF : IN_BYTES_SCALED;
    if (panels > 1) {
        if (is_half) {
            KERNEL(expand_tile)(IN_HALF, keys, values, dim, begin, end, ahead, s);
        } else {
            KERNEL(expand_tile)(IN_BYTES_SCALED, keys, values, dim, begin, end, ahead, s);
        }
        keys = s->key_tile;
        values = s->value_tile;
        form = is_half ? IN_FLOAT : IN_FLOAT_SCALED;
    }
    const float *queries = s->queries;
    for (int panel = 0, row = 0; panel < panels; panel++) {
        int count = KERNEL(panel_rows)(rows, panels, panel);
        float *scores = s->scores + (size_t)row * ATTENTION_TILE, *outputs = s->values + (size_t)row * dim;
        int last = task->position + (row + count - 1) / task->group;
        int first = task->position + row / task->group;
        // A panel none of whose rows sees the tile has nothing to do.
        if (last >= start && !(task->window && first - task->window + 1 >= start + ATTENTION_TILE)) {
#define SCORE(R, FORM) KERNEL(score_panel)(R, FORM, queries, keys, key_scales, dim, scores, ahead)
            FOR_PANEL(count, form, SCORE)
            for (int r = 0; r < count; r++) {
                int position = task->position + (row + r) / task->group;
                int high = position + 1 - start, low = task->window ? position - task->window + 1 - start : 0;
                KERNEL(online_softmax)(
                    scores + r * ATTENTION_TILE, low, high, dim, s->maximum + row + r,
                    s->sums + (size_t)(row + r) * LANES, outputs + (size_t)r * dim);
            }
            int high = last + 1 - start, low = task->window ? first - task->window + 1 - start : 0;
            high = high < ATTENTION_TILE ? high : ATTENTION_TILE;
            low = low > 0 ? low : 0;
#define WEIGH(R, FORM) KERNEL(weigh_panel)(R, FORM, scores, values, value_scales, low, high, dim, outputs, ahead)
            FOR_PANEL(count, form, WEIGH)
        }
        queries += (size_t)count * (size_t)dim;
        row += count;
    }
}

// One segment of all rows, into `values`, `maximum` and `sums` of the scratch.
static void KERNEL(attend_segment)(const AttentionTask *task, AttentionScratch *s, int segment) {
    int rows = task->tokens * task->group;
    for (int r = 0; r < rows; r++) s->maximum[r] = -INFINITY;
    memset(s->sums, 0, sizeof(float) * (size_t)rows * LANES);
    memset(s->values, 0, sizeof(float) * (size_t)rows * (size_t)task->head_dim);
    int first = segment * (ATTENTION_SEGMENT / ATTENTION_TILE), last = first + ATTENTION_SEGMENT / ATTENTION_TILE;
    int end = (task->position + task->tokens + ATTENTION_TILE - 1) / ATTENTION_TILE;
    int oldest = task->window ? task->position - task->window + 1 : 0;
    if (oldest > 0 && oldest / ATTENTION_TILE > first) first = oldest / ATTENTION_TILE;
    for (int tile = first; tile < last && tile < end; tile++) KERNEL(attend_tile)(task, s, tile);
}

static void KERNEL(attend)(const AttentionTask *task, float *scratch) {
    int rows = task->tokens * task->group, dim = task->head_dim;
    AttentionScratch s = KERNEL(attention_scratch)(scratch, dim);
    KERNEL(pack_queries)(task, &s);
    for (int r = 0; r < rows; r++) s.total_maximum[r] = -INFINITY;
    int oldest = task->window ? task->position - task->window + 1 : 0;
    int segments = (task->position + task->tokens + ATTENTION_SEGMENT - 1) / ATTENTION_SEGMENT;
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
            s.total_sum[r], s.total + (size_t)r * dim, dim,
            task->output + (size_t)(r / task->group) * task->output_stride + (size_t)(r % task->group) * dim);
    }
}

static void KERNEL(attend_segments)(
    const AttentionTask *task, int first, int last, float *partials, float *scratch) {
    int rows = task->tokens * task->group, dim = task->head_dim;
    size_t width = attention_partial_floats(dim);
    AttentionScratch s = KERNEL(attention_scratch)(scratch, dim);
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
    int rows = task->tokens * task->group, dim = task->head_dim;
    size_t width = attention_partial_floats(dim);
    for (int r = 0; r < rows; r++) {
        float *total = task->output + (size_t)(r / task->group) * task->output_stride + (size_t)(r % task->group) * dim;
        float total_maximum = -INFINITY, total_sum = 0;
        for (int segment = first; segment < last; segment++) {
            const float *partial = partials + ((size_t)segment * rows + r) * width;
            KERNEL(merge_row)(partial[0], partial[1], partial + 2, dim, &total_maximum, &total_sum, total);
        }
        KERNEL(write_row)(total_sum, total, dim, total);
    }
}

// One key or value as 8-bit integers and its scales, ATTENTION_TILE halves apart.
static inline void KERNEL(quantize_head)(const float *x, int head_dim, int8_t *integers, uint16_t *scales) {
    for (int start = 0; start < head_dim; start += CACHE_SCALE_GROUP, scales += ATTENTION_TILE) {
        int end = start + CACHE_SCALE_GROUP < head_dim ? start + CACHE_SCALE_GROUP : head_dim;
        lanes largest = lanes_all(0);
        for (int d = start; d < end; d += LANES) {
            lanes a = lanes_load(x + d);
            largest = lanes_max(lanes_max(a, lanes_subtract(lanes_all(0), a)), largest);
        }
        uint16_t half[LANES];
        float rounded[LANES];
        lanes_store_half(half, lanes_all(fminf(lanes_maximum(largest) / 127.0f, 65504.0f)));
        lanes_store(rounded, lanes_load_half(half));
        *scales = half[0];
        lanes inverse = lanes_all(rounded[0] > 0 ? 1.0f / rounded[0] : 0);
        for (int d = start; d < end; d += LANES) {
            lanes a = lanes_multiply(lanes_load(x + d), inverse);
            lanes_store_bytes(integers + d, lanes_max(lanes_min(a, lanes_all(127)), lanes_all(-127)));
        }
    }
}

static void KERNEL(store_key_value)(
    CacheType type, const float *key, const float *value, int head_dim, int column, uint8_t *tile) {
    size_t dim = (size_t)head_dim, at = (size_t)column;
    if (type == CACHE_INT8) {
        int8_t *keys = (int8_t *)tile, *values = keys + ATTENTION_TILE * dim, integers[CACHE_SCALE_GROUP];
        uint16_t *key_scales = (uint16_t *)(values + ATTENTION_TILE * dim);
        uint16_t *value_scales = key_scales + ATTENTION_TILE * cache_scale_groups(head_dim);
        KERNEL(quantize_head)(value, head_dim, values + at * dim, value_scales + at);
        for (size_t d = 0; d < dim; d += CACHE_SCALE_GROUP) {
            int count = (int)(dim - d < CACHE_SCALE_GROUP ? dim - d : CACHE_SCALE_GROUP);
            KERNEL(quantize_head)(key + d, count, integers, key_scales + d / CACHE_SCALE_GROUP * ATTENTION_TILE + at);
            for (int i = 0; i < count; i++) keys[(d + (size_t)i) * ATTENTION_TILE + at] = integers[i];
        }
        return;
    }
    lanes limit = lanes_all(65504.0f), lower = lanes_all(-65504.0f);
    uint16_t *keys = (uint16_t *)tile + at, *values = (uint16_t *)tile + (ATTENTION_TILE + at) * dim;
    for (size_t d = 0; d < dim; d += LANES) {
        uint16_t halves[LANES];
        lanes_store_half(halves, lanes_max(lanes_min(lanes_load(key + d), limit), lower));
        for (size_t i = 0; i < LANES; i++) keys[(d + i) * ATTENTION_TILE] = halves[i];
        lanes_store_half(values + d, lanes_max(lanes_min(lanes_load(value + d), limit), lower));
    }
}
