/* A few threads for the whole process that take the pieces of large inputs: they hold no GIL and touch nothing of
 * Python. They are started by the first large input; a forked child starts its own.
 *
 * `_hash` owns the pool, the other modules get this table from its capsule. */
#ifndef MLOPS_HASH_POOL_H
#define MLOPS_HASH_POOL_H

#include <stddef.h>

#define HASH_POOL_CAPSULE "mlops_core.engine._hash._pool"

enum { HASH_POOL_MOST = 16 }; /* memory is full long before that many threads read from it */

/* One piece. No two jobs that run at the same time get the same lane (0 <= lane < lanes). */
typedef void (*hash_job)(void *context, size_t index, size_t lane);

typedef struct {
    /* Do all the pieces, in any order, and return when they are done; the caller does its share. While the pool
     * works for somebody else, the caller does them all. Call it without the GIL. */
    void (*run)(hash_job job, void *context, size_t count);
    size_t (*lanes)(void);
} hash_pool;

extern const hash_pool hash_pool_here;

/* How many threads may work, the caller among them; 0: as many as there are processors for this process. */
void hash_pool_limit(size_t lanes);

#endif
