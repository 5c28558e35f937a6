/* A hash state on the heap: the wide kernels need an alignment that an object of Python does not have. */
#ifndef MLOPS_HASH_STATE_H
#define MLOPS_HASH_STATE_H

#include "xxh3.h"

static inline xxh3_state *hash_state_new(void) {
    xxh3_state *state = XXH3_createState();
    if (state != NULL) xxh3_start(state);
    return state;
}

static inline void hash_state_free(xxh3_state *state) { XXH3_freeState(state); }

#endif
