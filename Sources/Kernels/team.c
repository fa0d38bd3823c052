// Two threads that do one piece of work together, for pieces of a few microseconds.

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "Kernels.h"

#if defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#else
#define PAUSE() atomic_signal_fence(memory_order_seq_cst)
#endif

// How often the second thread looks for work before it goes to sleep: about 0.2 ms.
enum { PATIENCE = 4000 };

static struct {
  // Held by whoever has work done.
  pthread_mutex_t in_use;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  bool is_started;
  void (*work)(void *context, int member);
  void *context;
  // Pieces of work given out so far; each piece ends with a meeting.
  _Alignas(128) _Atomic uint32_t given;
  _Alignas(128) _Atomic uint32_t met[2][32];
  _Alignas(128) _Atomic bool is_asleep;
} pair = {.in_use = PTHREAD_MUTEX_INITIALIZER,
          .mutex = PTHREAD_MUTEX_INITIALIZER,
          .wake = PTHREAD_COND_INITIALIZER};

void lilt_pair_meet(int member) {
  const uint32_t mine = atomic_load_explicit(&pair.met[member][0], memory_order_relaxed) + 1;
  atomic_store_explicit(&pair.met[member][0], mine, memory_order_release);
  uint32_t spins = 0;
  // Numbers may wrap around: only their difference counts.
  while ((int32_t)(atomic_load_explicit(&pair.met[1 - member][0], memory_order_acquire) - mine) <
         0) {
    PAUSE();
    // The other member may wait for this very core.
    if (++spins % 4096 == 0) sched_yield();
  }
}

static void *second_member(void *unused) {
  (void)unused;
  uint32_t done = 0;
  for (;;) {
    int looks = 0;
    while (atomic_load_explicit(&pair.given, memory_order_acquire) == done) {
      PAUSE();
      if (++looks < PATIENCE) continue;
      pthread_mutex_lock(&pair.mutex);
      atomic_store(&pair.is_asleep, true);
      while (atomic_load(&pair.given) == done) pthread_cond_wait(&pair.wake, &pair.mutex);
      atomic_store(&pair.is_asleep, false);
      pthread_mutex_unlock(&pair.mutex);
    }
    done++;
    pair.work(pair.context, 1);
    lilt_pair_meet(1);
  }
  return NULL;
}

static bool start(void) {
  if (pair.is_started) return true;
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return false;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  // Signals are for the threads that wait for them.
  sigset_t every, before;
  sigfillset(&every);
  pthread_sigmask(SIG_SETMASK, &every, &before);
  pthread_t thread;
  pair.is_started = pthread_create(&thread, &attributes, second_member, NULL) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return pair.is_started;
}

bool lilt_pair_run(void (*work)(void *context, int member), void *context) {
  if (pthread_mutex_trylock(&pair.in_use) != 0) return false;
  const bool can_run = start();
  if (can_run) {
    pair.work = work;
    pair.context = context;
    atomic_fetch_add(&pair.given, 1);
    if (atomic_load(&pair.is_asleep)) {
      pthread_mutex_lock(&pair.mutex);
      pthread_cond_signal(&pair.wake);
      pthread_mutex_unlock(&pair.mutex);
    }
    work(context, 0);
    lilt_pair_meet(0);
  }
  pthread_mutex_unlock(&pair.in_use);
  return can_run;
}

int lilt_cores(void) {
#if defined(__linux__)
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) == 0) return CPU_COUNT(&cores);
#endif
  return 1;
}
