#define _GNU_SOURCE
#include "include/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

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

int host_bind_cores(const int *cores, int count) {
    const int most = 8192;
    cpu_set_t *set = CPU_ALLOC(most);
    DIR *threads = opendir("/proc/self/task");
    int result = set && threads ? 0 : -1;
    if (set) CPU_ZERO_S(CPU_ALLOC_SIZE(most), set);
    for (int i = 0; set && i < count; i++) {
        if (cores[i] >= 0 && cores[i] < most) CPU_SET_S(cores[i], CPU_ALLOC_SIZE(most), set);
    }
    for (struct dirent *entry; result == 0 && (entry = readdir(threads));) {
        int thread = atoi(entry->d_name);
        // A thread that has ended meanwhile needs no cores.
        if (thread > 0 && sched_setaffinity(thread, CPU_ALLOC_SIZE(most), set) != 0 && errno != ESRCH) result = -1;
    }
    if (threads) closedir(threads);
    CPU_FREE(set);
    return result;
}

int host_thread(void) { return (int)syscall(SYS_gettid); }

int64_t host_thread_time(int thread) {
    // How the kernel numbers the clock of a thread's time on cores: what pthread_getcpuclockid gives, but for any thread,
    // and harmless when there is none any more.
    clockid_t clock = (clockid_t)((~(unsigned)thread << 3) | 6);
    struct timespec time;
    if (thread <= 0 || clock_gettime(clock, &time) != 0) return 0;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

char host_thread_state(int thread) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t count = read(file, text, sizeof text - 1);
    close(file);
    text[count > 0 ? count : 0] = 0;
    // Behind the thread's name, which is in brackets and may have any in it.
    const char *end = strrchr(text, ')');
    return end && end[1] == ' ' ? end[2] : 0;
}
