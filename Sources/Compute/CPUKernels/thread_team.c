#define _GNU_SOURCE
#include "include/thread_team.h"
#include "include/host.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

// Rounds of waiting before the thread yields its core, and before it sleeps. A pause takes some 10 to 40 ns, so a
// waiter spins for tens of microseconds: longer than a barrier inside an iteration takes, far less than a time slice.
// Then it yields for about a millisecond: a member whose core a server's thread has taken comes back within that, and
// a virtual machine takes long to wake a thread that sleeps.
enum { SPIN_ROUNDS = 2048, YIELD_ROUNDS = 2000 };

// Cache lines that a member asks for before it says that it has come, and in each round of waiting: as many as memory
// sends in the time that takes.
enum { LINE = 64, LINES_FIRST = 128, LINES_A_ROUND = 16 };

// What a member will read when it has waited.
typedef struct Ahead {
    const char *next, *end;
} Ahead;

static inline void ask_for(Ahead *ahead, int lines) {
    for (; lines > 0 && ahead->next < ahead->end; lines--, ahead->next += LINE) __builtin_prefetch(ahead->next, 0, 2);
}

// A word that waiters watch. It has a cache line of its own, so that spinning on it doesn't slow down those who count.
typedef struct WaitWord {
    _Alignas(64) atomic_uint value;
    atomic_uint sleepers;
} WaitWord;

struct ThreadTeam {
    WaitWord job;      // grows when a run begins
    WaitWord barrier;  // grows when all members have arrived
    _Alignas(64) atomic_int arrived;
    _Alignas(64) void (*body)(void *context, int member);
    void *context;
    int members;
    int started;
    atomic_int ending;
    pthread_t *threads;
    struct Member {
        _Alignas(64) uint64_t beats;
        ThreadTeam *team;
        int index;
        atomic_int thread;  // its number, 0 before it runs
    } *list;
};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void wait_while_equal(WaitWord *word, unsigned old, Ahead ahead) {
    for (int round = 0; round < SPIN_ROUNDS; round++) {
        if (atomic_load_explicit(&word->value, memory_order_acquire) != old) return;
        ask_for(&ahead, LINES_A_ROUND);
        pause_briefly();
    }
    for (int round = 0; round < YIELD_ROUNDS; round++) {
        if (atomic_load_explicit(&word->value, memory_order_acquire) != old) return;
        sched_yield();
    }
    atomic_fetch_add(&word->sleepers, 1);
    while (atomic_load(&word->value) == old) syscall(SYS_futex, &word->value, FUTEX_WAIT_PRIVATE, old, NULL, NULL, 0);
    atomic_fetch_sub(&word->sleepers, 1);
}

static void advance(WaitWord *word) {
    atomic_fetch_add(&word->value, 1);
    if (atomic_load(&word->sleepers) > 0) syscall(SYS_futex, &word->value, FUTEX_WAKE_PRIVATE, 1 << 30, NULL, NULL, 0);
}

unsigned thread_team_arrive(ThreadTeam *team) {
    unsigned round = atomic_load_explicit(&team->barrier.value, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == team->members) {
        atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
        advance(&team->barrier);
    }
    return round;
}

void thread_team_wait(ThreadTeam *team, unsigned round) { wait_while_equal(&team->barrier, round, (Ahead){0}); }

void thread_team_barrier(ThreadTeam *team, const void *next, size_t count) {
    Ahead ahead = {next, (const char *)next + count};
    ask_for(&ahead, LINES_FIRST);
    wait_while_equal(&team->barrier, thread_team_arrive(team), ahead);
}

static void *member_main(void *argument) {
    struct Member *member = argument;
    ThreadTeam *team = member->team;
    atomic_store(&member->thread, host_thread());
    for (unsigned seen = 0;; seen++) {
        wait_while_equal(&team->job, seen, (Ahead){0});
        if (atomic_load(&team->ending)) return NULL;
        team->body(team->context, member->index);
        thread_team_barrier(team, NULL, 0);
    }
}

ThreadTeam *thread_team_create(int threads) {
    if (threads < 1) return NULL;
    ThreadTeam *team = NULL;
    if (posix_memalign((void **)&team, 64, sizeof(ThreadTeam)) != 0) return NULL;
    *team = (ThreadTeam){.members = threads, .started = 1};
    team->threads = calloc((size_t)threads, sizeof(pthread_t));
    team->list = aligned_alloc(64, (size_t)threads * sizeof(struct Member));
    if (team->list) memset(team->list, 0, (size_t)threads * sizeof(struct Member));
    for (int i = 1; team->threads && team->list && i < threads; i++) {
        team->list[i] = (struct Member){.team = team, .index = i};
        if (pthread_create(&team->threads[i], NULL, member_main, &team->list[i]) != 0) break;
        team->started++;
    }
    if (team->started == threads && team->threads && team->list) return team;
    thread_team_destroy(team);
    return NULL;
}

void thread_team_destroy(ThreadTeam *team) {
    atomic_store(&team->ending, 1);
    advance(&team->job);
    for (int i = 1; i < team->started; i++) pthread_join(team->threads[i], NULL);
    free(team->threads);
    free(team->list);
    free(team);
}

void thread_team_run(ThreadTeam *team, void (*body)(void *context, int member), void *context) {
    team->body = body;
    team->context = context;
    if (team->members > 1) advance(&team->job);
    body(context, 0);
    if (team->members > 1) thread_team_barrier(team, NULL, 0);
}

uint64_t *thread_team_beats(ThreadTeam *team, int member) { return &team->list[member].beats; }

uint64_t thread_team_all_beats(ThreadTeam *team) {
    uint64_t beats = atomic_load_explicit(&team->job.value, memory_order_relaxed);
    beats += atomic_load_explicit(&team->barrier.value, memory_order_relaxed);
    for (int i = 0; i < team->members; i++) beats += __atomic_load_n(&team->list[i].beats, __ATOMIC_RELAXED);
    return beats;
}

int thread_team_thread(ThreadTeam *team, int member) { return atomic_load(&team->list[member].thread); }
