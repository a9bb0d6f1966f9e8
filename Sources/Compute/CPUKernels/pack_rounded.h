// Packs weights that have to be rounded to the integers of their form.

#ifndef PACK_ROUNDED_H
#define PACK_ROUNDED_H

#include "include/stored_layout.h"

int pack_rounded_tile(const PackTask *task, uint8_t *tile);

#endif
