/* See hash_pool.h. */
#define _GNU_SOURCE /* sched_getaffinity */

#include "hash_pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

enum { STACK_BYTES = 256 << 10 };

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER; /* held by the one caller that the pool works for */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards what follows */
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER, finished = PTHREAD_COND_INITIALIZER;
static size_t limit, started; /* lanes allowed (0: not counted yet); threads that were started */
static uint64_t round_number;
static int is_open;    /* workers may join the round */
static size_t joined;  /* workers that are in it */
static struct {
    hash_job job;
    void *context;
    size_t count, next;
} task;

/* --- how many ----------------------------------------------------------------------------------------------------- */

/* Processors that a container is allowed, 0 where it does not say. */
static size_t quota(void) {
    long long allowed = 0, period = 0;
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    if (file == NULL) return 0;
    int read = fscanf(file, "%lld %lld", &allowed, &period); /* "max" for no limit */
    fclose(file);
    return read == 2 && allowed > 0 && period > 0 ? (size_t)((allowed + period - 1) / period) : 0;
}

static size_t processors(void) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    size_t count = online > 0 ? (size_t)online : 1, allowed = quota();
#ifdef __linux__
    cpu_set_t usable;
    if (sched_getaffinity(0, sizeof usable, &usable) == 0) count = (size_t)CPU_COUNT(&usable);
#endif
    if (allowed > 0 && allowed < count) count = allowed;
    return count < HASH_POOL_MOST ? count : HASH_POOL_MOST;
}

void hash_pool_limit(size_t lanes) {
    size_t wanted = lanes == 0 ? processors() : lanes < HASH_POOL_MOST ? lanes : HASH_POOL_MOST;
    __atomic_store_n(&limit, wanted, __ATOMIC_RELAXED);
}

static size_t lanes_allowed(void) {
    if (__atomic_load_n(&limit, __ATOMIC_RELAXED) == 0) hash_pool_limit(0);
    return __atomic_load_n(&limit, __ATOMIC_RELAXED);
}

/* --- the threads -------------------------------------------------------------------------------------------------- */

static void work(size_t lane) {
    size_t index;
    while ((index = __atomic_fetch_add(&task.next, 1, __ATOMIC_RELAXED)) < task.count)
        task.job(task.context, index, lane);
}

static void *worker(void *argument) {
    size_t lane = (size_t)(uintptr_t)argument;
    uint64_t seen = 0;
    pthread_mutex_lock(&lock);
    for (;;) {
        while (!is_open || round_number == seen || lane >= lanes_allowed()) pthread_cond_wait(&opened, &lock);
        seen = round_number;
        joined++;
        pthread_mutex_unlock(&lock);
        work(lane);
        pthread_mutex_lock(&lock);
        if (--joined == 0) pthread_cond_signal(&finished);
    }
    return NULL;
}

/* The child of a fork has none of the threads, and perhaps locks that they held. */
static void begin_anew(void) {
    pthread_mutex_init(&gate, NULL);
    pthread_mutex_init(&lock, NULL);
    pthread_cond_init(&opened, NULL);
    pthread_cond_init(&finished, NULL);
    started = joined = 0;
    is_open = 0;
}

static void start_one(size_t lane) {
    pthread_t thread;
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (pthread_create(&thread, &attributes, worker, (void *)(uintptr_t)lane) == 0) started = lane;
    pthread_attr_destroy(&attributes);
}

/* Signals are for the threads of Python. Where the system gives no more threads, those that are there do. */
static void start(size_t wanted) {
    static int watches_forks;
    sigset_t all, before;
    if (!watches_forks) watches_forks = pthread_atfork(NULL, NULL, begin_anew) == 0;
    if (!watches_forks) return;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (size_t lane = started + 1; lane < wanted && started == lane - 1; lane++) start_one(lane);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* --- a round ------------------------------------------------------------------------------------------------------ */

static void share(hash_job job, void *context, size_t count) {
    pthread_mutex_lock(&lock);
    task.job = job, task.context = context, task.count = count, task.next = 0;
    is_open = 1;
    round_number++;
    pthread_cond_broadcast(&opened);
    pthread_mutex_unlock(&lock);
    work(0);
    pthread_mutex_lock(&lock);
    is_open = 0; /* who has not woken up by now is not waited for */
    while (joined > 0) pthread_cond_wait(&finished, &lock);
    pthread_mutex_unlock(&lock);
}

static void run(hash_job job, void *context, size_t count) {
    size_t lanes = lanes_allowed();
    if (count < 2 || lanes < 2 || pthread_mutex_trylock(&gate) != 0) {
        for (size_t index = 0; index < count; index++) job(context, index, 0);
        return;
    }
    if (started + 1 < lanes) start(lanes);
    share(job, context, count);
    pthread_mutex_unlock(&gate);
}

const hash_pool hash_pool_here = {run, lanes_allowed};
