// Rows of low-rank factors into their tiles.

#include <math.h>

#include "half.h"
#include "include/stored_layout.h"

int pack_factor_row(const float *x, int columns, uint16_t *tile) {
    for (int column = 0; column < columns; column++) {
        // The largest number that isn't rounded to infinity.
        if (!(fabsf(x[column]) < 65520)) return 0;
        tile[(size_t)column * MATMUL_TILE] = half_from_float(x[column]);
    }
    return 1;
}
