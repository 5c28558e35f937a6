#define _GNU_SOURCE
#include "scan_pool.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

static void *run(void *argument) {
    scan_pool *pool = argument;
    pool->work(pool->context);
    pthread_mutex_lock(&pool->lock);
    if (--pool->running == 0) pthread_cond_signal(&pool->idle);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

#ifdef __APPLE__ /* has no such choice; a clock set back makes a wait longer, not endless */
#define WAIT_CLOCK CLOCK_REALTIME
static void init_condition(pthread_cond_t *condition) { pthread_cond_init(condition, NULL); }
#else
#define WAIT_CLOCK CLOCK_MONOTONIC
static void init_condition(pthread_cond_t *condition) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, WAIT_CLOCK);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}
#endif

void scan_pool_start(scan_pool *pool, int threads, scan_work work, void *context) {
    pool->work = work;
    pool->context = context;
    pool->started = pool->running = 0;
    pthread_mutex_init(&pool->lock, NULL);
    init_condition(&pool->idle);
    sigset_t all, before; /* signals are for the threads that Python knows */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&pool->lock);
    for (int i = 0; threads > 1 && i < threads && i < SCAN_MOST_THREADS; i++) {
        if (pthread_create(&pool->threads[pool->started], NULL, run, pool) != 0) break;
        pool->started++;
        pool->running++;
    }
    pthread_mutex_unlock(&pool->lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (pool->started == 0) work(context);
}

int scan_pool_wait(scan_pool *pool, int milliseconds) {
    struct timespec until;
    clock_gettime(WAIT_CLOCK, &until);
    until.tv_nsec += (long)milliseconds * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&pool->lock);
    int error = 0;
    while (pool->running > 0 && error == 0) error = pthread_cond_timedwait(&pool->idle, &pool->lock, &until);
    int ended = pool->running == 0;
    pthread_mutex_unlock(&pool->lock);
    return ended;
}

void scan_pool_finish(scan_pool *pool) {
    for (int i = 0; i < pool->started; i++) pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->idle);
    pthread_mutex_destroy(&pool->lock);
}
