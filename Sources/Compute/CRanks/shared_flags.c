#define _GNU_SOURCE
#include "include/shared_flags.h"

#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// As long as a thread team's members wait for each other: longer than an exchange takes, far less than a time slice.
enum { SPIN_ROUNDS = 2048, YIELD_ROUNDS = 2000 };

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static inline int has_come(const RankFlag *flag, uint32_t sequence) {
    return (int32_t)(__atomic_load_n(&flag->sequence, __ATOMIC_ACQUIRE) - sequence) >= 0;
}

uint32_t rank_flag_read(const RankFlag *flag) { return __atomic_load_n(&flag->sequence, __ATOMIC_ACQUIRE); }

void rank_flag_publish(RankFlag *flag, uint32_t sequence) {
    // In one order with the sleepers' count: either this sees a sleeper, or the sleeper sees the new sequence.
    __atomic_store_n(&flag->sequence, sequence, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&flag->sleepers, __ATOMIC_SEQ_CST) > 0) {
        syscall(SYS_futex, &flag->sequence, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    }
}

int rank_flag_wait(RankFlag *flag, uint32_t sequence, int milliseconds) {
    for (int round = 0; round < SPIN_ROUNDS; round++) {
        if (has_come(flag, sequence)) return 1;
        pause_briefly();
    }
    for (int round = 0; round < YIELD_ROUNDS; round++) {
        if (has_come(flag, sequence)) return 1;
        sched_yield();
    }
    struct timespec limit = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};
    __atomic_fetch_add(&flag->sleepers, 1, __ATOMIC_SEQ_CST);
    uint32_t seen = __atomic_load_n(&flag->sequence, __ATOMIC_SEQ_CST);
    if ((int32_t)(seen - sequence) < 0) syscall(SYS_futex, &flag->sequence, FUTEX_WAIT, seen, &limit, NULL, 0);
    __atomic_fetch_sub(&flag->sleepers, 1, __ATOMIC_SEQ_CST);
    return has_come(flag, sequence);
}

uint64_t rank_take_bytes(uint64_t *next, uint64_t count) { return __atomic_fetch_add(next, count, __ATOMIC_ACQ_REL); }
