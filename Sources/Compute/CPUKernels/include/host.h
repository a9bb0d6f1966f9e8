// What Swift can't ask the operating system itself.

#ifndef HOST_H
#define HOST_H

// Writes the indices of the cores that this process may run on, as long as there is room. Returns how many there are,
// 0 when unknown.
int host_allowed_cores(int *cores, int capacity);

#endif
