// Products of quantized activations and packed weights: the whole contract.
//
// A weight matrix [features, columns] is cut into tiles of MATMUL_TILE features; a tile is a sequence of groups of
// MATMUL_GROUP columns, and a group is stored as
//
//     half scales[subgroups][16], half minimums[subgroups][16] (not in symmetric forms), integers
//
// where the integers are in the order 4 consecutive columns of 16 features ("quads"), so that one 64-byte vector holds
// a quad of every feature of the tile, split into planes of 4, 2 and 1 bits. A weight is scale * u + minimum, in
// symmetric forms scale * (u - offset). Forms of K-quants keep scales as those do, in integers of 8 bits that are
// multiplied by a number for 8 groups (see `group_layout.h`).
//
// Laws that every implementation keeps:
// - Integer sums are exact. Per (sub)group, in ascending order, an output element takes one fused multiply-add of
//   the integer sum with (weight scale * activation scale), then one of the minimum with the activation sum. So results
//   are the same bits on every instruction set and for any number of rows.
// - Products of bfloat16 are exact in single precision; an output element adds them one at a time, of each pair of
//   columns the second first, which is what `vdpbf16ps` does. (Sums too small for a normal number may differ: that
//   instruction takes them for zero.)
// - Of low-rank factors, products of bfloat16 are added likewise, but to two sums in turn, one for pairs with even and one for
//   pairs with odd numbers, all of a row and then all of what rounding took from it; an output element gets the sum of both.
// - Of 8-bit floats, a group's products are added one at a time, from zero, and the sum times the scale to the output.
// - No alignment is needed; outputs don't overlap inputs.

#ifndef MATMUL_KERNELS_H
#define MATMUL_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define MATMUL_TILE 16
#define MATMUL_GROUP 32
#define MATMUL_ROW_BLOCK 4
#define MATMUL_PANEL_ROWS 64

// How a group's integers are packed.
typedef enum PackedForm {
    PACKED_U4_32,   // 4 bits, scale and minimum per 32 columns
    PACKED_U4K_32,  // the same, scales as in Q4_K
    PACKED_U4S_32,  // 4 bits, symmetric around 8, scale per 32
    PACKED_C4_32,   // 4 bits, codes of IQ4_NL and IQ4_XS (signed bytes by a table), scale per 32
    PACKED_E2M1,    // 4 bits, codes of MXFP4 (likewise), scale per 32
    PACKED_U2_16,   // 2 bits, scale and minimum per 16
    PACKED_U3S_16,  // 3 bits, symmetric around 4, scale per 16
    PACKED_U5_32,   // 5 bits, scale and minimum per 32
    PACKED_U5K_32,  // the same, scales as in Q5_K
    PACKED_U5S_32,  // 5 bits, symmetric around 16, scale per 32
    PACKED_U6K_16,  // 6 bits, symmetric around 32, scale per 16 as in Q6_K
    PACKED_S8_32,   // signed 8 bits, scale per 32
    PACKED_BF16,    // bfloat16, multiplied with activations rounded to it: [column pair][16][2]
    PACKED_F16,     // half precision, multiplied with float activations: [column][16]
    PACKED_F32,     // single precision, likewise
    PACKED_E4M3,    // 8-bit floats [column][16], likewise, single-precision scale per 32
    PACKED_FORM_COUNT,
} PackedForm;

// Bytes of one group of a tile, with its part of what 8 groups have in common.
static inline size_t packed_group_bytes(PackedForm form) {
    switch (form) {
    case PACKED_U4_32: return 32 + 32 + 256;
    case PACKED_U4K_32: return 8 + 32 + 256;
    case PACKED_U4S_32:
    case PACKED_C4_32:
    case PACKED_E2M1: return 32 + 256;
    case PACKED_U2_16: return 64 + 64 + 128;
    case PACKED_U3S_16: return 64 + 128 + 64;
    case PACKED_U5_32: return 32 + 32 + 256 + 64;
    case PACKED_U5K_32: return 8 + 32 + 256 + 64;
    case PACKED_U5S_32: return 32 + 256 + 64;
    case PACKED_U6K_16: return 8 + 32 + 256 + 128;
    case PACKED_S8_32: return 32 + 512;
    case PACKED_BF16:
    case PACKED_F16: return 2 * 16 * 32;
    case PACKED_F32: return 4 * 16 * 32;
    case PACKED_E4M3: return 64 + 16 * 32;
    default: return 0;
    }
}

// What a form is multiplied with.
typedef enum ActivationKind {
    ACTIVATIONS_QUANTIZED,  // 8 bits in groups
    ACTIVATIONS_ROUNDED,    // bfloat16
    ACTIVATIONS_FLOAT,      // as they are
} ActivationKind;

static inline ActivationKind packed_form_activations(PackedForm form) {
    return form < PACKED_BF16 ? ACTIVATIONS_QUANTIZED : form == PACKED_BF16 ? ACTIVATIONS_ROUNDED : ACTIVATIONS_FLOAT;
}

// One group of four rows of quantized activations.
typedef struct ActivationBlock {
    int8_t values[8][MATMUL_ROW_BLOCK][4];  // [quad][row][column in quad]
    float scales[MATMUL_ROW_BLOCK];
    float sums[MATMUL_ROW_BLOCK];           // scale * sum of the values
    int32_t totals[MATMUL_ROW_BLOCK];       // sum of the values
    int32_t first_halves[MATMUL_ROW_BLOCK]; // sum of the first 16 values
    // Sums of the columns 0, 1, 4, 5, 8, 9 ... and 2, 3, 6, 7, 10, 11 ..., and the same of the first 16: made where the
    // kernels want them, which is on AVX2.
    int16_t pairs[MATMUL_ROW_BLOCK][2];
    int16_t first_pairs[MATMUL_ROW_BLOCK][2];
} ActivationBlock;

// One group of a single row.
typedef struct ActivationGroup {
    int8_t values[MATMUL_GROUP];
    float scale;
    float sum;
    int32_t total;
    int32_t first_half;
    int16_t pairs[2];
    int16_t first_pairs[2];
} ActivationGroup;

// Where quantized rows of a panel go.
typedef struct ActivationRows {
    void *groups;  // of the panel, as a task takes them
    int blocks;    // ActivationBlocks of a group; 0: the panel is a lone row's ActivationGroups
    int first;     // the first row, counted in the panel
} ActivationRows;

// A tile's product with a panel of rows.
typedef struct MatmulTask {
    const uint8_t *tile;       // the tile's groups
    int groups;                // columns / 32
    int rows;                  // 1 ... MATMUL_PANEL_ROWS
    const void *activations;   // rows == 1: ActivationGroup[groups]; else ActivationBlock[groups][ceil(rows / 4)];
                               // rounded: uint16_t[rows][32 * groups]
    const float *source;       // the activations as they are, [rows][source_stride], for forms that multiply floats
    size_t source_stride;
    float *output;             // [rows][output_stride], 16 features of which `features` are written
    size_t output_stride;
    int features;              // 1 ... 16
} MatmulTask;

// Tiles of a low-rank factor with some rows: a matrix in bfloat16, 16 features of all column pairs behind each other, however
// few columns it has. An odd last column has a zero beside it, and rows a finite number.
typedef struct FactorTask {
    const uint16_t *tiles;     // [tiles][column pairs][16][2]
    int tile_count;
    int columns;
    int rows;
    const uint16_t *source;    // bfloat16, [rows][source_stride]
    size_t source_stride;
    size_t source_rest;        // 0, or numbers from a row to what its rounding took, which is multiplied too
    int features;              // of all tiles: 16 each, the last one may have fewer
    float scale;               // products that are rounded are multiplied with it before
    size_t output_stride;
    uint16_t *rounded;         // null, or where products go, in bfloat16, [rows][output_stride]: 16 features of every tile
    size_t rounded_rest;       // 0, or numbers from there to where goes what rounding takes
    float *sums;               // or what they are added to, [rows][output_stride]
} FactorTask;

typedef struct MatmulKernels {
    // The instruction set's name.
    const char *name;

    // output[row][feature] = sum over columns, one function per form.
    void (*multiply[PACKED_FORM_COUNT])(const MatmulTask *task);

    // Quantizes rows that lie `stride` numbers apart, in groups of 32: scale = max |x| / 127, values = x / scale rounded
    // to nearest, ties to even. What that took from the numbers, at most half a step, goes to `rest` (null, or laid out
    // like x, or x itself).
    void (*quantize)(const float *x, size_t stride, int rows, int columns, ActivationRows target, float *rest);

    // Rounds numbers to bfloat16: to nearest, ties to even, subnormal numbers to zero.
    void (*round)(const float *x, int n, uint16_t *rounded);

    // rounded[row][feature] = scale * sum over columns, or sums[row][feature] += sum over columns.
    void (*multiply_factor)(const FactorTask *task);
} MatmulKernels;

// The table for an instruction set, 0: portable C, 1: AVX2 with FMA and F16C, 2: AVX-512 with VNNI. The caller makes
// sure that the machine has it.
const MatmulKernels *matmul_kernels_for_level(int level);

// The highest level whose instructions this machine has.
int matmul_kernels_highest_level(void);

// Calls the form's kernel.
static inline void packed_multiply(const MatmulKernels *kernels, PackedForm form, const MatmulTask *task) {
    kernels->multiply[form](task);
}

// Copies a quantized group to row `row` of a block.
static inline void activation_block_set(ActivationBlock *block, int row, const ActivationGroup *group) {
    for (int quad = 0; quad < 8; quad++) __builtin_memcpy(block->values[quad][row], group->values + 4 * quad, 4);
    block->scales[row] = group->scale;
    block->sums[row] = group->sum;
    block->totals[row] = group->total;
    block->first_halves[row] = group->first_half;
    __builtin_memcpy(block->pairs[row], group->pairs, 4);
    __builtin_memcpy(block->first_pairs[row], group->first_pairs, 4);
}

#endif
