// Rows of low-rank factors into their tiles.

#include <math.h>

#include "half.h"
#include "include/stored_layout.h"

int pack_factor_row(const float *x, int columns, uint16_t *tile) {
    for (int column = 0; column < columns; column++) {
        // No factor is larger than half precision can say; products of larger ones would soon be infinite.
        if (!(fabsf(x[column]) < 65520)) return 0;
        tile[(size_t)(column / 2) * 2 * MATMUL_TILE + (size_t)(column % 2)] = bf16_from_float(x[column]);
    }
    return 1;
}

void round_row_twice(const float *x, int columns, uint16_t *rounded, uint16_t *rest) {
    round_twice_to_bf16(x, columns, rounded, rest);
}
