#define _GNU_SOURCE
#include "include/rank_memory.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

int rank_shared_memory(uint64_t bytes) {
    int descriptor = memfd_create("ranks", MFD_CLOEXEC);
    if (descriptor < 0) return -1;
    if (ftruncate(descriptor, (off_t)bytes) == 0) return descriptor;
    int reason = errno;
    close(descriptor);
    errno = reason;
    return -1;
}
