// Tells ThreadSanitizer of the order that Swift's runtime makes and doesn't tell it of, for runs with this library preloaded.
//
// A Mutex that nobody else wants is locked and unlocked by atomic operations in the caller's own, instrumented code. One
// that is contended is in the standard library's, which isn't instrumented: without this, whatever such a Mutex guards is
// reported as a race.
//
// The resuming of a continuation is told of (released, by the task's address), and so is the start of a job that goes on
// with the task. A task that finds its continuation resumed when it comes to await it starts no job: without this, whatever
// was returned to it is reported as a race.
//
// What a thread did with an object is done before its reference is counted down, and whoever then finds the own reference to
// be the only one may change the object. Both are in the runtime: without this, a buffer that is used again by its owner
// after another thread has read it is reported as a race.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

static void (*acquire)(void *), (*release)(void *);

// Mutex

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

__attribute__((swiftcall)) void mutex_lock_slow(uint32_t thread, SELF) {
    lock(thread, mutex);
    if (acquire) acquire(mutex);
}

__attribute__((swiftcall)) void mutex_unlock_slow(SELF) {
    if (release) release(mutex);
    unlock(mutex);
}

// Continuations

// The beginning of the runtime's ContinuationAsyncContext. Of its flags the lowest two are used: the rest keeps where the
// task goes on.
typedef struct Continuation {
    void *parent;
    void *resume;
    uintptr_t flags;
} Continuation;

enum { FLAG_BITS = 8 };

typedef __attribute__((swiftasynccall)) void Resume(__attribute__((swift_async_context)) Continuation *continuation);
typedef __attribute__((swiftasynccall)) void Await(Continuation *continuation);

static Await *await;
static __attribute__((swiftcall)) void *(*current_task)(void);

static __attribute__((swiftasynccall)) void resume_in_order(
    __attribute__((swift_async_context)) Continuation *continuation) {
    if (acquire) acquire(current_task());
    Resume *resume = (Resume *)(continuation->flags >> FLAG_BITS);
    __attribute__((musttail)) return resume(continuation);
}

__attribute__((swiftasynccall)) void swift_continuation_await(Continuation *continuation) {
    continuation->flags |= (uintptr_t)continuation->resume << FLAG_BITS;
    continuation->resume = (void *)resume_in_order;
    __attribute__((musttail)) return await(continuation);
}

// References

typedef void Release(void *object);
typedef void ReleaseSeveral(void *object, uint32_t count);
typedef _Bool IsUnique(const void *object);

static Release *release_reference;
static ReleaseSeveral *release_references;
static IsUnique *is_unique, *is_unique_or_null;

// References are released before any constructor has run as well.
#define FIND(function, name) (function ? function : (function = (__typeof__(function))dlsym(RTLD_NEXT, name)))

void swift_release(void *object) {
    if (release && object) release(object);
    FIND(release_reference, "swift_release")(object);
}

void swift_release_n(void *object, uint32_t count) {
    if (release && object) release(object);
    FIND(release_references, "swift_release_n")(object, count);
}

_Bool swift_isUniquelyReferenced_nonNull_native(const void *object) {
    _Bool unique = FIND(is_unique, "swift_isUniquelyReferenced_nonNull_native")(object);
    if (unique && acquire) acquire((void *)object);
    return unique;
}

_Bool swift_isUniquelyReferenced_native(const void *object) {
    _Bool unique = FIND(is_unique_or_null, "swift_isUniquelyReferenced_native")(object);
    if (unique && acquire) acquire((void *)object);
    return unique;
}

static __attribute__((constructor)) void find(void) {
    lock = (Lock *)dlsym(RTLD_NEXT, LOCK);
    unlock = (Unlock *)dlsym(RTLD_NEXT, UNLOCK);
    await = (Await *)dlsym(RTLD_NEXT, "swift_continuation_await");
    current_task = (__attribute__((swiftcall)) void *(*)(void))dlsym(RTLD_DEFAULT, "swift_task_getCurrent");
    acquire = (void (*)(void *))dlsym(RTLD_DEFAULT, "__tsan_acquire");
    release = (void (*)(void *))dlsym(RTLD_DEFAULT, "__tsan_release");
}
