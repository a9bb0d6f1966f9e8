#define _GNU_SOURCE
#include "include/host.h"

#include <sched.h>
#include <stdlib.h>

int host_allowed_cores(int *cores, int capacity) {
    // The kernel refuses a set smaller than its own; machines with more than 8192 cores aren't asked further.
    const int most = 8192;
    cpu_set_t *set = CPU_ALLOC(most);
    int count = 0;
    if (set && sched_getaffinity(0, CPU_ALLOC_SIZE(most), set) == 0) {
        for (int core = 0; core < most; core++) {
            if (!CPU_ISSET_S(core, CPU_ALLOC_SIZE(most), set)) continue;
            if (count < capacity) cores[count] = core;
            count++;
        }
    }
    CPU_FREE(set);
    return count;
}
