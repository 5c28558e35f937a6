/* Threads for one pass over a tree, and a caller that waits for them without being deaf to signals. */
#ifndef MLOPS_SCAN_POOL_H
#define MLOPS_SCAN_POOL_H

#include <pthread.h>

enum { SCAN_MOST_THREADS = 64 };

typedef void (*scan_work)(void *context);

typedef struct {
    scan_work work;
    void *context;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    pthread_t threads[SCAN_MOST_THREADS];
    int started, running;
} scan_pool;

/* Run `work(context)` in `threads` threads at once; with one, or where none can be started, in the caller. */
void scan_pool_start(scan_pool *pool, int threads, scan_work work, void *context);

/* Wait for at most `milliseconds`; 1 when all have ended. */
int scan_pool_wait(scan_pool *pool, int milliseconds);

/* Wait for the end and give everything back. */
void scan_pool_finish(scan_pool *pool);

#endif
