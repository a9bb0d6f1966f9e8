// Words in memory that several processes share, on which a rank waits until another has come as far.
#pragma once

#include <stdint.h>

/// How far a rank has come. Where each begins 128 bytes behind the last, waiting for one rank doesn't slow down another.
typedef struct RankFlag {
    uint32_t sequence;
    uint32_t sleepers;
} RankFlag;

/// What the flag says, and all that its rank wrote before it said so.
uint32_t rank_flag_read(const RankFlag *flag);

/// Says `sequence` and wakes who sleeps until then.
void rank_flag_publish(RankFlag *flag, uint32_t sequence);

/// Waits until the flag is `sequence` or beyond, modulo 2^32: spins for some tens of microseconds, yields for about a
/// millisecond, then sleeps, `milliseconds` at the longest. Returns whether it is.
int rank_flag_wait(RankFlag *flag, uint32_t sequence, int milliseconds);

/// Takes `count` bytes of what is counted by `*next` and returns where they begin.
uint64_t rank_take_bytes(uint64_t *next, uint64_t count);
