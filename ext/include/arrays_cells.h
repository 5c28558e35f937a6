/* Digests of the cells of arrays: pieces of work for a pool of threads. */
#ifndef MLOPS_ARRAYS_CELLS_H
#define MLOPS_ARRAYS_CELLS_H

#include "arrays_gather.h"

enum { ARRAYS_CELL_BYTES = 1 << 20, ARRAYS_DIGEST_BYTES = 16 };

typedef struct {
    const arrays_source *source;
    size_t nbytes;    /* of the whole array */
    size_t first;     /* number of the first cell of this batch */
    uint8_t *digests; /* of the cells of this batch */
    char *gathered;   /* room for a cell in each lane, or for each cell of the batch; NULL: they lie there as they are */
    int keeps;        /* room for each cell of the batch */
} arrays_batch;

static inline size_t arrays_cell_length(const arrays_batch *batch, size_t index) {
    size_t rest = batch->nbytes - (batch->first + index) * ARRAYS_CELL_BYTES;
    return rest < ARRAYS_CELL_BYTES ? rest : ARRAYS_CELL_BYTES;
}

/* Where the bytes of a cell of the batch lie, or are to be gathered. */
static inline char *arrays_cell_place(const arrays_batch *batch, size_t index, size_t lane) {
    if (batch->gathered == NULL) return (char *)batch->source->data + (batch->first + index) * ARRAYS_CELL_BYTES;
    return batch->gathered + (batch->keeps ? index : lane) * ARRAYS_CELL_BYTES;
}

/* A job of the pool, see hash_pool.h; `batch` is an arrays_batch. */
void arrays_hash_cell(void *batch, size_t index, size_t lane);

/* A cell of one of many arrays, lying there as it is. */
typedef struct {
    const char *data;
    size_t length;
    uint8_t digest[ARRAYS_DIGEST_BYTES];
} arrays_piece;

/* A job of the pool; `pieces` is an array of arrays_piece. */
void arrays_hash_piece(void *pieces, size_t index, size_t lane);

#endif
