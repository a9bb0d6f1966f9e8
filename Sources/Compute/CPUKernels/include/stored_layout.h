// Weight matrices as they lie in checkpoints, and their way into packed tiles: the whole contract.
//
// A stored matrix is one or more byte ranges: its numbers and, in formats that keep these apart, scales, zero points and
// the group that each column belongs to. Offsets, sizes and indexes have been checked by who makes the layout; nothing
// here looks at them again.

#ifndef STORED_LAYOUT_H
#define STORED_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "matmul_kernels.h"

// How numbers are stored: GGUF's type ids, and from 256 on what other checkpoints have.
typedef enum StoredType {
    TYPE_F32 = 0,
    TYPE_F16 = 1,
    TYPE_Q4_0 = 2,
    TYPE_Q4_1 = 3,
    TYPE_Q5_0 = 6,
    TYPE_Q5_1 = 7,
    TYPE_Q8_0 = 8,
    TYPE_Q2_K = 10,
    TYPE_Q3_K = 11,
    TYPE_Q4_K = 12,
    TYPE_Q5_K = 13,
    TYPE_Q6_K = 14,
    TYPE_IQ4_NL = 20,
    TYPE_IQ4_XS = 23,
    TYPE_BF16 = 30,
    TYPE_MXFP4 = 39,
    TYPE_E4M3 = 256,  // 8-bit floats (OCP FP8 without infinities), times scales
    TYPE_INTEGERS,    // 4 or 8 bits in 32-bit words, less zero points, times scales
    TYPE_E2M1,        // 4-bit floats of MXFP4, two in a byte, times scales that lie elsewhere
    TYPE_E8M0,        // powers of two: of scales only
} StoredType;

// Scales of blocks of a matrix.
typedef struct ScaleGrid {
    const uint8_t *numbers;  // null: every scale is 1
    uint32_t type;           // TYPE_F32, TYPE_F16, TYPE_BF16 or TYPE_E8M0
    size_t rows_per_scale;
    size_t columns_per_scale;
    size_t row_stride;       // bytes from a block's scale to that of the block below
    size_t column_stride;    // and to that of the block beside it
} ScaleGrid;

// Zero points, integers like the weights, in 32-bit words that hold those of consecutive rows.
typedef struct ZeroGrid {
    const uint8_t *words;  // null: the middle of the integers
    size_t row_stride;     // bytes from a word to that of the next rows
    size_t group_stride;   // and to that of the next group of columns
    int added;             // what has to be added to a stored zero point, modulo the number of integers
} ZeroGrid;

typedef struct StoredLayout {
    uint32_t type;
    // Floats: bytes from a column to the next. Integers: from a word to the next, of 32 / bits columns, or of one if
    // words hold rows.
    size_t column_stride;
    ScaleGrid scales;
    // Of integers only.
    int bits;             // 4 or 8
    int is_signed;        // two's complement; else they are counted from 0
    int words_hold_rows;  // a word holds 8 rows' integers of a column, in the order of AWQ: 0 2 4 6 1 3 5 7
    ZeroGrid zeros;
    const int32_t *column_groups;  // the group of each column; null: columns_per_scale columns each
} StoredLayout;

// A row of a stored matrix.
typedef struct StoredRow {
    const uint8_t *numbers;  // its first column's number, or the word that holds it
    size_t index;            // of the row in the stored matrix, for its scales
} StoredRow;

// What becomes of floats that are packed to integers.
typedef struct WeightRounding {
    int columns;              // that share a scale: 32, 64 or 128; 0: the whole row
    const float *importance;  // how much an error weighs, by column; null: all the same
} WeightRounding;

typedef struct PackTask {
    const StoredLayout *layout;
    const StoredRow *rows;           // of a tile
    int features;                    // 1 ... 16; missing features become zeros
    int first_column;                // of the matrix in the stored rows, a multiple of 32
    int columns;                     // a multiple of 32
    PackedForm form;                 // the layout's own, or PACKED_U4_32, PACKED_U5_32, PACKED_S8_32, PACKED_F16 or PACKED_E4M3 for rounding
    const WeightRounding *rounding;  // null: the form has the stored numbers, or nearly so
} PackTask;

// Packs a tile. Returns 0 if that isn't possible: a number is infinite, not a number or too large.
int pack_tile(const PackTask *task, uint8_t *tile);

// Writes a row of a low-rank factor, in bfloat16, to where its first number stands in a tile, [column pairs][16][2]. Returns 0
// if that isn't possible: a number is infinite, not a number or too large.
int pack_factor_row(const float *x, int columns, uint16_t *tile);

// Rounds a row to bfloat16, and what that takes from it.
void round_row_twice(const float *x, int columns, uint16_t *rounded, uint16_t *rest);

// The form that numbers of a GGUF type pack to, PACKED_FORM_COUNT for none.
PackedForm packed_form_of_type(uint32_t type);

// The form that a matrix of `rows` x `columns` packs to without a rounding that would change any number by more than
// half precision does; PACKED_FORM_COUNT where there is none: columns of many groups side by side.
PackedForm packed_form_of_layout(const StoredLayout *layout, size_t rows, size_t columns);

// Whether all scales of a matrix of `rows` x `columns` are finite and not too large for half precision.
int scales_fit(const ScaleGrid *scales, size_t rows, size_t columns);

// Expands columns of a stored row to floats.
void expand_stored_row(const StoredLayout *layout, StoredRow row, int first_column, int columns, float *out);

// Expands one feature of a packed tile to floats; returns 0 for forms whose packing rounds.
int unpack_row(PackedForm form, const uint8_t *tile, int feature, int columns, float *out);

// Whether `unpack_row` gives the very numbers that `expand_stored_row` does: where packing rounds no scale. Of bfloat16,
// subnormal numbers have become zero.
int packs_exactly(uint32_t type);

#endif
