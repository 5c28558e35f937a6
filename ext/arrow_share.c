/* See arrow_share.h. Without a sink one block for each thread is in memory; with one a whole round of them, since their
 * bytes are handed over in order afterwards. */
#include "arrow_share.h"

#include <pthread.h>
#include <string.h>

enum { ROUND = 2 * HASH_POOL_MOST };

typedef struct {
    arrow_column *column;
    arrow_rows *rows;
    int64_t stop;
    pthread_mutex_t lock; /* guards what follows, the rows and the column's list */
    arrow_maker *makers[ROUND];
    int made;             /* blocks of this round */
    int is_over, failed;
} shared;

static const hash_pool *pool;

void arrow_share_use(const hash_pool *used) { pool = used; }

/* A maker for the next block; NULL where memory is exhausted. */
static arrow_maker *next_maker(shared *round, size_t lane) {
    size_t n = round->column->sink == NULL ? lane : (size_t)round->made;
    if (round->makers[n] == NULL) round->makers[n] = arrow_maker_new(round->column->schema);
    return round->makers[n];
}

static int is_full(const shared *round) { return round->column->sink != NULL && round->made == ROUND; }

static void fail(shared *round, const arrow_error *error) {
    round->failed = 1;
    if (error == NULL) arrow_fail(round->column->error, ARROW_MEMORY, "memory is exhausted");
    if (error != NULL) arrow_fail(round->column->error, error->status, "%s", error->message);
}

/* Cut the next block; where it begins and how many rows it has. NULL where there is none. */
static arrow_maker *begin(shared *round, size_t lane, int64_t *at, int64_t *count) {
    arrow_rows *rows = round->rows;
    if (round->failed || round->is_over || is_full(round)) return NULL;
    *count = rows->at < round->stop ? arrow_cut(rows) : 0;
    if (*count <= 0) {
        round->is_over = 1;
        round->failed = *count < 0;
        return NULL;
    }
    arrow_maker *maker = next_maker(round, lane);
    if (maker == NULL || arrow_blocks_add(&round->column->blocks, *count) != 0) {
        fail(round, NULL);
        return NULL;
    }
    round->made++;
    maker->index = round->column->blocks.count - 1;
    *at = rows->at;
    rows->at += *count;
    return maker;
}

/* A job of the pool: blocks, as long as there are some. */
static void make_blocks(void *context, size_t job, size_t lane) {
    shared *round = context;
    int64_t at, count;
    arrow_maker *maker;
    (void)job;
    pthread_mutex_lock(&round->lock);
    while ((maker = begin(round, lane, &at, &count)) != NULL) {
        pthread_mutex_unlock(&round->lock);
        int status = arrow_make_block(maker, round->rows->node, round->rows->array, at, count);
        pthread_mutex_lock(&round->lock);
        if (status == 0)
            arrow_blocks_set(&round->column->blocks, maker);
        else
            fail(round, &maker->error);
    }
    pthread_mutex_unlock(&round->lock);
}

static int hand_over(const arrow_column *column, const arrow_maker *maker) {
    for (int i = 0; i < maker->places; i++) {
        if (maker->cells[i].length == 0) continue;
        if (column->sink(column->context, maker->digests + i * ARROW_DIGEST_BYTES, &maker->cells[i]) != 0) return -1;
    }
    return 0;
}

static int run_round(shared *round, int alone) {
    round->made = 0;
    pool->run(make_blocks, round, alone ? 1 : pool->lanes());
    if (round->failed) return -1;
    for (int i = 0; round->column->sink != NULL && i < round->made; i++)
        if (hand_over(round->column, round->makers[i]) != 0) return -1;
    return 0;
}

int arrow_share_blocks(arrow_column *column, arrow_rows *rows, int64_t stop, int alone) {
    shared round = {.column = column, .rows = rows, .stop = stop};
    int status = 0;
    pthread_mutex_init(&round.lock, NULL);
    while (status == 0 && !round.is_over) status = run_round(&round, alone);
    pthread_mutex_destroy(&round.lock);
    for (int i = 0; i < ROUND; i++) arrow_maker_free(round.makers[i]);
    return status;
}
