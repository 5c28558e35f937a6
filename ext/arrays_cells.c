/* See arrays_cells.h. */
#include "arrays_cells.h"

#include "xxh3.h"

void arrays_hash_cell(void *context, size_t index, size_t lane) {
    const arrays_batch *batch = context;
    size_t length = arrays_cell_length(batch, index);
    char *place = arrays_cell_place(batch, index, lane);
    if (batch->gathered != NULL)
        arrays_gather(batch->source, (uint64_t)(batch->first + index) * ARRAYS_CELL_BYTES, length, place);
    xxh3_digest(place, length, batch->digests + index * ARRAYS_DIGEST_BYTES);
}

void arrays_hash_piece(void *context, size_t index, size_t lane) {
    arrays_piece *piece = (arrays_piece *)context + index;
    (void)lane;
    xxh3_digest(piece->data, piece->length, piece->digest);
}
