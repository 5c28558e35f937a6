/* The cells of a block of rows, as docs/formats/arrow-cells.md describes them, and the list of a column's blocks. */
#ifndef MLOPS_ARROW_BLOCK_H
#define MLOPS_ARROW_BLOCK_H

#include "arrow_node.h"

enum { ARROW_DIGEST_BYTES = 16 };

/* What one block is made in, before and after its bytes are hashed. */
typedef struct {
    arrow_error error;
    arrow_node *node; /* the rows in the canonical layout */
    arrow_buffer layout;
    arrow_buffer *cells; /* `places` of them, borrowed from the two above; empty where there is no cell */
    uint8_t *digests;    /* of each cell; zero where there is none */
    int places;
    size_t index; /* of the block in its column */
} arrow_maker;

/* Places for cells in a block of this type: one for the layout where there is more than one node, one per buffer. */
int arrow_block_places(const arrow_node *node);

/* NULL where memory is exhausted. */
arrow_maker *arrow_maker_new(const struct ArrowSchema *schema);
void arrow_maker_free(arrow_maker *maker);

/* Make the cells of the rows [at, at + count), validated, whose indices `reader` maps, and hash them. 0 or -1 with the
 * maker's error set. */
int arrow_make_block(arrow_maker *maker, const arrow_node *reader, const struct ArrowArray *array, int64_t at,
                     int64_t count);

/* The blocks of a column. */
typedef struct {
    int places;
    size_t count, room;
    int64_t *rows;
    uint8_t *digests; /* `places` of them for each block */
    int64_t nbytes;
} arrow_blocks;

/* Add a block of so many rows, whose digests come later. 0, or -1 where memory is exhausted. */
int arrow_blocks_add(arrow_blocks *blocks, int64_t rows);
void arrow_blocks_set(arrow_blocks *blocks, const arrow_maker *maker);
void arrow_blocks_free(arrow_blocks *blocks);

/* XXH3-128 (canonical byte order) of bytes. */
void arrow_xxh3_128(const void *bytes, size_t length, uint8_t digest[ARROW_DIGEST_BYTES]);

#endif
