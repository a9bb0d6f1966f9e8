// Prints one line per case of the portable kernels: its name and a hash of every byte that the kernel wrote. Machines of
// any kind must print the same lines; scripts/test-aarch64 compares those of two.

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "layer_kernels.h"
#include "matmul_kernels.h"
#include "stored_layout.h"
#include "thread_team.h"

enum { COLUMNS = 512, TILE_ROWS = 16, MOST_ROWS = 65 };

static uint64_t state = 1;

// SplitMix64.
static uint64_t next_number(void) {
    uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

// Exactly representable, in [-size, size).
static float next_float(float size) { return ((float)(next_number() >> 40) * 0x1p-23f - 1) * size; }

static void *allocate(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (!memory) {
        fprintf(stderr, "portable_kernels: no memory for %zu x %zu bytes\n", count, size);
        exit(2);
    }
    return memory;
}

static float *floats(size_t count, float size) {
    float *x = allocate(count, sizeof(float));
    for (size_t i = 0; i < count; i++) x[i] = next_float(size);
    return x;
}

// FNV-1a.
static uint64_t hash(uint64_t so_far, const void *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) so_far = (so_far ^ ((const uint8_t *)bytes)[i]) * 0x100000001B3;
    return so_far;
}

static const uint64_t EMPTY = 0xCBF29CE484222325;
static int cases = 0;

static void print_hash(uint64_t value, const char *name, int a, int b) {
    printf("%s %d %d %016llx\n", name, a, b, (unsigned long long)value);
    cases++;
}

static void print_floats(const float *x, size_t count, const char *name, int a, int b) {
    for (size_t i = 0; i < count; i++) {
        if (isfinite(x[i])) continue;
        fprintf(stderr, "portable_kernels: %s %d %d made the number %zu %f\n", name, a, b, i, (double)x[i]);
        exit(1);
    }
    print_hash(hash(EMPTY, x, count * sizeof(float)), name, a, b);
}

// A stored type of GGUF: its id, bytes and weights of a block, where the block has half-precision scales.
typedef struct BlockType {
    int id, block_bytes, block_weights, halves[2];
} BlockType;

static const BlockType TYPES[] = {
    {0, 4, 1, {-1, -1}},      {1, 2, 1, {0, -1}},       {2, 18, 32, {0, -1}},     {3, 20, 32, {0, 2}},
    {6, 22, 32, {0, -1}},     {7, 24, 32, {0, 2}},      {8, 34, 32, {0, -1}},     {10, 84, 256, {80, 82}},
    {11, 110, 256, {108, -1}}, {12, 144, 256, {0, 2}},  {13, 176, 256, {0, 2}},   {14, 210, 256, {208, -1}},
    {20, 18, 32, {0, -1}},    {23, 136, 256, {0, -1}},  {30, 2, 1, {-1, -1}},     {39, 17, 32, {-1, -1}},
};

// Rows of random weights with small finite scales.
static uint8_t *stored_rows(BlockType type, size_t row_bytes) {
    uint8_t *rows = allocate(TILE_ROWS, row_bytes);
    for (size_t i = 0; i < TILE_ROWS * row_bytes; i++) rows[i] = (uint8_t)next_number();
    for (size_t at = 0; at < TILE_ROWS * row_bytes; at += (size_t)type.block_bytes) {
        for (int h = 0; h < 2; h++) {
            if (type.halves[h] >= 0) rows[at + (size_t)type.halves[h] + 1] = (rows[at + (size_t)type.halves[h] + 1] & 0x83) | 0x20;
        }
        float value = next_float(1);
        if (type.id == 0) memcpy(rows + at, &value, 4);
        if (type.id == 30) memcpy(rows + at, (const uint8_t *)&value + 2, 2);
        if (type.id == 39) rows[at] = (uint8_t)(110 + rows[at] % 16);  // an exponent
    }
    return rows;
}

// The parts of quantized activations that products read.
static uint64_t hash_blocks(const ActivationBlock *blocks, int count) {
    uint64_t value = EMPTY;
    for (int b = 0; b < count; b++) {
        value = hash(value, blocks[b].values, sizeof blocks[b].values);
        value = hash(value, blocks[b].scales, sizeof blocks[b].scales);
        value = hash(value, blocks[b].sums, sizeof blocks[b].sums);
        value = hash(value, blocks[b].totals, sizeof blocks[b].totals);
        value = hash(value, blocks[b].first_halves, sizeof blocks[b].first_halves);
    }
    return value;
}

static void check_product(const MatmulKernels *kernels, PackedForm form, int id, const uint8_t *tile, const float *x,
                          int rows) {
    int groups = COLUMNS / MATMUL_GROUP, blocks = rows == 1 ? 0 : (rows + MATMUL_ROW_BLOCK - 1) / MATMUL_ROW_BLOCK;
    void *quantized = allocate((size_t)groups * (size_t)(blocks + 1), sizeof(ActivationBlock));
    float *rest = allocate((size_t)rows * COLUMNS, sizeof(float));
    uint16_t *rounded = allocate((size_t)rows * COLUMNS, sizeof(uint16_t));
    kernels->quantize(x, COLUMNS, rows, COLUMNS, (ActivationRows){quantized, blocks, 0}, rest);
    kernels->round(x, rows * COLUMNS, rounded);
    if (id == 2) {
        print_floats(rest, (size_t)rows * COLUMNS, "rest", rows, 0);
        print_hash(hash(EMPTY, rounded, (size_t)rows * COLUMNS * 2), "round", rows, 0);
        if (blocks > 0) print_hash(hash_blocks(quantized, groups * blocks), "quantize", rows, 0);
    }
    float *output = allocate((size_t)rows * TILE_ROWS, sizeof(float));
    MatmulTask task = {
        .tile = tile, .groups = groups, .rows = rows, .source = x, .source_stride = COLUMNS, .output = output,
        .activations = packed_form_activations(form) == ACTIVATIONS_ROUNDED ? (const void *)rounded : quantized,
        .output_stride = TILE_ROWS, .features = rows % 2 ? TILE_ROWS : 13,
    };
    packed_multiply(kernels, form, &task);
    print_floats(output, (size_t)rows * TILE_ROWS, "multiply", id, rows);
    free(quantized), free(rest), free(rounded), free(output);
}

// Packs a tile of rows.
static void pack_rows(const StoredLayout *layout, const uint8_t *bytes, size_t row_bytes, PackedForm form,
                      const WeightRounding *rounding, uint8_t *tile) {
    StoredRow rows[TILE_ROWS];
    for (size_t i = 0; i < TILE_ROWS; i++) rows[i] = (StoredRow){bytes + i * row_bytes, i};
    PackTask task = {layout, rows, TILE_ROWS, 0, COLUMNS, form, rounding};
    if (!pack_tile(&task, tile)) exit(2);
}

// Rows of activations that tiles are multiplied with.
static const int COUNTS[] = {1, 2, 5, MOST_ROWS - 1, MOST_ROWS};

static void check_matmul(const MatmulKernels *kernels) {
    float *x = floats((size_t)MOST_ROWS * COLUMNS, 3);
    for (size_t t = 0; t < sizeof TYPES / sizeof TYPES[0]; t++) {
        BlockType type = TYPES[t];
        size_t row_bytes = (size_t)(COLUMNS / type.block_weights * type.block_bytes);
        uint8_t *rows = stored_rows(type, row_bytes);
        PackedForm form = packed_form_of_type((uint32_t)type.id);
        size_t bytes = packed_group_bytes(form) * (COLUMNS / MATMUL_GROUP);
        uint8_t *tile = allocate(1, bytes);
        float *expanded = allocate(COLUMNS, sizeof(float));
        StoredLayout layout = {.type = (uint32_t)type.id, .column_stride = (size_t)type.block_bytes};
        pack_rows(&layout, rows, row_bytes, form, 0, tile);
        print_hash(hash(EMPTY, tile, bytes), "pack", type.id, 0);
        expand_stored_row(&layout, (StoredRow){rows, 0}, 0, COLUMNS, expanded);
        print_floats(expanded, COLUMNS, "dequantize", type.id, packs_exactly((uint32_t)type.id));
        if (unpack_row(form, tile, TILE_ROWS - 1, COLUMNS, expanded)) {
            print_floats(expanded, COLUMNS, "unpack", type.id, 0);
        }
        for (int c = 0; c < 5; c++) check_product(kernels, form, type.id, tile, x, COUNTS[c]);
        free(rows), free(tile), free(expanded);
    }
    free(x);
}

// Rows of floats, rounded to each form.
static void check_rounding(const MatmulKernels *kernels) {
    static const struct {
        PackedForm form;
        int columns;
    } cases[] = {{PACKED_U4_32, 32}, {PACKED_U4_32, 128}, {PACKED_S8_32, 32}, {PACKED_S8_32, 0}, {PACKED_E4M3, 0}};
    float *x = floats((size_t)MOST_ROWS * COLUMNS, 3), *importance = floats(COLUMNS, 1);
    uint8_t *rows = stored_rows(TYPES[0], COLUMNS * 4);
    for (int i = 0; i < COLUMNS; i++) importance[i] = fabsf(importance[i]);
    StoredLayout layout = {.type = TYPE_F32, .column_stride = 4};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        size_t bytes = packed_group_bytes(cases[c].form) * (COLUMNS / MATMUL_GROUP);
        uint8_t *tile = allocate(1, bytes);
        WeightRounding rounding = {cases[c].columns, c % 2 ? importance : 0};
        pack_rows(&layout, rows, COLUMNS * 4, cases[c].form, &rounding, tile);
        print_hash(hash(EMPTY, tile, bytes), "round", (int)cases[c].form, cases[c].columns);
        for (int r = 0; r < 5; r++) check_product(kernels, cases[c].form, 1000 + (int)c, tile, x, COUNTS[r]);
        free(tile);
    }
    free(rows), free(x), free(importance);
}

static void check_elementwise(const LayerKernels *kernels, int n) {
    float *x = floats((size_t)n, 5), *y = floats((size_t)n, 30), *out = allocate((size_t)n, sizeof(float));
    kernels->rms_norm(x, y, 1e-5f, n, out);
    print_floats(out, (size_t)n, "rms_norm", n, 0);
    kernels->add(x, n, out);
    print_floats(out, (size_t)n, "add", n, 0);
    kernels->scale(x, 0.37f, n, out);
    print_floats(out, (size_t)n, "scale", n, 0);
    kernels->layer_norm(x, y, x, 1e-5f, n, out);
    print_floats(out, (size_t)n, "layer_norm", n, 0);
    for (Activation activation = 0; activation < ACTIVATION_COUNT; activation++) {
        activate_gated(kernels, activation, y, x, n, out);
        print_floats(out, (size_t)n, "gated", n, activation);
        activate_plain(kernels, activation, y, n, out);
        print_floats(out, (size_t)n, "plain", n, activation);
    }
    kernels->gated_within(y, x, 7, n, out);
    print_floats(out, (size_t)n, "gated_within", n, 0);
    kernels->softcap(y, 30, n, out);
    print_floats(out, (size_t)n, "softcap", n, 0);
    if (n % 2 == 0) {
        kernels->rotate_halves(out, x, y, n / 2);
        print_floats(out, (size_t)n, "rotate_halves", n, 0);
        kernels->rotate_pairs(out, x, y, n / 2);
        print_floats(out, (size_t)n, "rotate_pairs", n, 0);
    }
    free(x), free(y), free(out);
}

static void check_logits(const LayerKernels *kernels, int n) {
    size_t groups = ((size_t)n + LOGIT_GROUP - 1) / LOGIT_GROUP;
    float *x = floats((size_t)n, 20), *maxima = allocate(groups, sizeof(float)), *y = allocate((size_t)n, sizeof(float));
    kernels->group_maxima(x, n, maxima);
    print_floats(maxima, groups, "group_maxima", n, 0);
    float largest = maxima[0];
    for (size_t g = 0; g < groups; g++) largest = maxima[g] > largest ? maxima[g] : largest;
    double sum = kernels->sum_of_exponentials(x, n, largest, 0.9f);
    print_hash(hash(EMPTY, &sum, sizeof sum), "sum_of_exponentials", n, 0);
    kernels->exponentials(x, n, largest, 0.9f, y);
    print_floats(y, (size_t)n, "exponentials", n, 0);
    int32_t found[64] = {0};
    int count = kernels->collect_at_least(x, n, maxima, largest - 4, found, 64);
    print_hash(hash(EMPTY, found, sizeof found), "collect_at_least", n, count);
    free(x), free(maxima), free(y);
}

enum { HEAD = 48, GROUP = 3, TILES_A_BLOCK = 2, POSITIONS = 700 };

// The cache of one head that holds `POSITIONS` tokens, its blocks in reverse order.
static uint8_t *filled_cache(const LayerKernels *kernels, CacheType type, int32_t *blocks, int count) {
    size_t tile_bytes = cache_tile_bytes(type, head_shape(HEAD));
    uint8_t *cache = allocate((size_t)count * TILES_A_BLOCK, tile_bytes);
    for (int b = 0; b < count; b++) blocks[b] = count - 1 - b;
    for (int token = 0; token < POSITIONS; token++) {
        float key[HEAD], value[HEAD];
        for (int d = 0; d < HEAD; d++) key[d] = next_float(2), value[d] = next_float(1);
        int tile = token / ATTENTION_TILE;
        size_t index = (size_t)blocks[tile / TILES_A_BLOCK] * TILES_A_BLOCK + (size_t)(tile % TILES_A_BLOCK);
        kernels->store_key_value(type, key, value, head_shape(HEAD), token % ATTENTION_TILE, cache + index * tile_bytes);
    }
    print_hash(hash(EMPTY, cache, (size_t)count * TILES_A_BLOCK * tile_bytes), "store_key_value", (int)type, 0);
    return cache;
}

static const char *attend_names[] = {"attend_bf16", "attend_int8", "attend_f32"};
static const char *merge_names[] = {"merge_bf16", "merge_int8", "merge_f32"};

static void check_attention(const LayerKernels *kernels, CacheType type) {
    enum { BLOCKS = POSITIONS / (ATTENTION_TILE * TILES_A_BLOCK) + 1, TOKENS = 5, ROWS = TOKENS * GROUP };
    int32_t blocks[BLOCKS];
    uint8_t *cache = filled_cache(kernels, type, blocks, BLOCKS);
    float *queries = floats((size_t)ROWS * HEAD, 0.5f), *scratch = allocate(attention_scratch_floats(head_shape(HEAD)), sizeof(float));
    float *output = allocate((size_t)ROWS * HEAD, sizeof(float));
    float *partials = allocate((size_t)ROWS * attention_partial_floats(head_shape(HEAD)) * 4, sizeof(float));
    static const int positions[] = {0, 31, 250, POSITIONS - TOKENS}, windows[] = {0, 100};
    for (int p = 0; p < 4; p++) {
        for (int w = 0; w < 2; w++) {
            AttentionTask task = {
                .queries = queries, .query_stride = GROUP * HEAD, .output = output, .output_stride = GROUP * HEAD,
                .tokens = TOKENS, .group = GROUP, .head = head_shape(HEAD), .position = positions[p], .window = windows[w],
                .cache_type = type, .cache = cache, .blocks = blocks, .tiles_per_block = TILES_A_BLOCK,
                .block_stride = TILES_A_BLOCK * cache_tile_bytes(type, head_shape(HEAD)),
            };
            kernels->attend(&task, scratch);
            print_floats(output, (size_t)ROWS * HEAD, attend_names[type], positions[p], windows[w]);
            int segments = (positions[p] + TOKENS - 1) / ATTENTION_SEGMENT + 1;
            kernels->attend_segments(&task, 0, segments, partials, scratch);
            kernels->merge_segments(&task, 0, segments, partials);
            print_floats(output, (size_t)ROWS * HEAD, merge_names[type], positions[p], windows[w]);
        }
    }
    free(cache), free(queries), free(scratch), free(output), free(partials);
}

enum { MEMBERS = 3, ROUNDS = 500 };

typedef struct TeamWork {
    ThreadTeam *team;
    int values[MEMBERS][16];  // a cache line each, written by one member and read by the others after a barrier
} TeamWork;

// Each round a member writes the sum of what all wrote in the round before, plus its own number.
static void add_in_turns(void *context, int member) {
    TeamWork *work = context;
    for (int round = 0; round < ROUNDS; round++) {
        int sum = member;
        for (int other = 0; other < MEMBERS; other++) sum += work->values[other][0];
        thread_team_barrier(work->team, NULL, 0);
        work->values[member][0] = sum & 0xFFFF;
        thread_team_barrier(work->team, work->values, sizeof work->values);
    }
}

static void check_team(void) {
    TeamWork work = {.team = thread_team_create(MEMBERS)};
    if (!work.team) exit(2);
    for (int run = 0; run < 3; run++) thread_team_run(work.team, add_in_turns, &work);
    thread_team_destroy(work.team);
    print_hash(hash(EMPTY, work.values, sizeof work.values), "thread_team", MEMBERS, ROUNDS);
}

int main(void) {
    const MatmulKernels *matmul = matmul_kernels_for_level(0);
    const LayerKernels *layer = layer_kernels_for_level(0);
    if (strcmp(matmul->name, "generic") || strcmp(layer->name, "generic") || host_allowed_cores(NULL, 0) < 1) return 2;
    check_matmul(matmul);
    check_rounding(matmul);
    static const int lengths[] = {1, 2, 7, 8, 33, 576};
    for (int i = 0; i < 6; i++) check_elementwise(layer, lengths[i]);
    static const int vocabularies[] = {1, 15, 16, 100, LOGIT_GROUP, 5003};
    for (int i = 0; i < 6; i++) check_logits(layer, vocabularies[i]);
    check_attention(layer, CACHE_BF16);
    check_attention(layer, CACHE_INT8);
    check_attention(layer, CACHE_F32);
    check_team();
    printf("%d cases\n", cases);
    return 0;
}
