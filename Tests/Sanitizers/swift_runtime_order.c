// Tells ThreadSanitizer what Swift's Mutex does under contention, for runs with this library preloaded.
//
// A Mutex that nobody else wants is locked and unlocked by atomic operations in the caller's own, instrumented code. One
// that is contended is in the standard library's, which isn't instrumented: without this, whatever such a Mutex guards is
// reported as a race.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define MEMBER "$s15Synchronization12_MutexHandleV"
#define LOCK MEMBER "9_lockSlowyys6UInt32VF"
#define UNLOCK MEMBER "11_unlockSlowyyF"

#define SELF __attribute__((swift_context)) void *mutex
typedef __attribute__((swiftcall)) void Lock(uint32_t thread, SELF);
typedef __attribute__((swiftcall)) void Unlock(SELF);

Lock mutex_lock_slow __asm__(LOCK);
Unlock mutex_unlock_slow __asm__(UNLOCK);

static Lock *lock;
static Unlock *unlock;
static void (*acquire)(void *), (*release)(void *);

static __attribute__((constructor)) void find(void) {
    lock = (Lock *)dlsym(RTLD_NEXT, LOCK);
    unlock = (Unlock *)dlsym(RTLD_NEXT, UNLOCK);
    acquire = (void (*)(void *))dlsym(RTLD_DEFAULT, "__tsan_acquire");
    release = (void (*)(void *))dlsym(RTLD_DEFAULT, "__tsan_release");
}

__attribute__((swiftcall)) void mutex_lock_slow(uint32_t thread, SELF) {
    lock(thread, mutex);
    if (acquire) acquire(mutex);
}

__attribute__((swiftcall)) void mutex_unlock_slow(SELF) {
    if (release) release(mutex);
    unlock(mutex);
}
