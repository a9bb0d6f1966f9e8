// A team of threads that run one function together and meet at barriers: spin shortly, then sleep.

#ifndef THREAD_TEAM_H
#define THREAD_TEAM_H

#include <stddef.h>
#include <stdint.h>

typedef struct ThreadTeam ThreadTeam;

// A team of `threads` members, of which the caller of `thread_team_run` is the first; null when threads or memory
// can't be had.
ThreadTeam *thread_team_create(int threads);

// Ends the threads and frees the team. Nothing may be running.
void thread_team_destroy(ThreadTeam *team);

// Calls body(context, member) on every member and returns when all have returned. One caller at a time.
void thread_team_run(ThreadTeam *team, void (*body)(void *context, int member), void *context);

// Waits until every member is here. Called by all members, from within a run.
//
// A member that will read `count` bytes at `next` when all are here has them brought into its cache meanwhile, a few
// before it waits and the others as long as it waits: memory would be idle otherwise.
void thread_team_barrier(ThreadTeam *team, const void *next, size_t count);

// The two halves of a barrier, for members that have something else to do meanwhile: says that a member has come, and waits
// for all to have come, given what the first half returned. No other barrier may lie between.
unsigned thread_team_arrive(ThreadTeam *team);
void thread_team_wait(ThreadTeam *team, unsigned round);

// Where a member counts the pieces of its work, on a cache line of its own.
uint64_t *thread_team_beats(ThreadTeam *team, int member);

// Counts a piece of work. Called by the member whose count it is.
static inline void thread_team_beat(uint64_t *beats) {
    __atomic_store_n(beats, __atomic_load_n(beats, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED);
}

// What all members have counted, and how often they have begun and met: it grows as long as a run gets on. On any thread.
uint64_t thread_team_all_beats(ThreadTeam *team);

// The number of a member's thread; 0 of the caller of `thread_team_run`, and before it runs.
int thread_team_thread(ThreadTeam *team, int member);

#endif
