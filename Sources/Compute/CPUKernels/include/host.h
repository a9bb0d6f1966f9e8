// What Swift can't ask the operating system itself.

#ifndef HOST_H
#define HOST_H

#include <stdint.h>

// Writes the indices of the cores that this process may run on, as long as there is room. Returns how many there are,
// 0 when unknown.
int host_allowed_cores(int *cores, int capacity);

// Has all threads of this process, and those that they start, run on these cores only. 0, or -1 when the system refuses.
int host_bind_cores(const int *cores, int count);

// The number of the calling thread.
int host_thread(void);

// Nanoseconds that a thread of this process has run on cores; 0 when it has ended.
int64_t host_thread_time(int thread);

// The letter that /proc has for what a thread of this process does: 'R' runs or waits for a core, 'D' waits for a device,
// 'S' sleeps; 0 when there is none.
char host_thread_state(int thread);

#endif
