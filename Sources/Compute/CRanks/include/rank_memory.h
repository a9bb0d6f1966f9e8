// Memory of ranks that has no name.
#pragma once

#include <stdint.h>

/// A descriptor of `bytes` zeroed bytes that other processes can map, too; they take no memory until they are touched.
/// -1 with `errno` when there is none.
int rank_shared_memory(uint64_t bytes);
