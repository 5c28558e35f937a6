/* A column: rows come in by arrays of any length, cells go out. */
#ifndef MLOPS_ARROW_COLUMN_H
#define MLOPS_ARROW_COLUMN_H

#include "arrow_node.h"

enum { ARROW_DIGEST_BYTES = 16 };

typedef struct {
    uint8_t digest[ARROW_DIGEST_BYTES];
    int64_t rows;
    int64_t nbytes;
} arrow_cell;

typedef struct {
    const void *bytes;
    size_t length;
} arrow_piece;

/* Called, without the GIL, with every finished cell and the pieces its bytes consist of. 0, or -1 with the
 * error of the column set. */
typedef int (*arrow_sink)(void *context, const arrow_cell *cell, const arrow_piece *pieces, size_t count);

typedef struct arrow_column {
    arrow_error *error;
    arrow_node *node;
    arrow_buffer type; /* its canonical encoding (arrow_type_digest.h) */
    arrow_sink sink; /* NULL: cells are only hashed */
    void *context;
    int64_t rows;   /* of the pending cell */
    int64_t weight; /* of the pending cell */
    arrow_cell *cells;
    size_t n_cells, room;
    arrow_buffer header;
    arrow_piece *pieces;
    size_t n_pieces, piece_room;
    const struct ArrowSchema *schema; /* lives longer than the column */
    struct arrow_spares *spares;      /* see arrow_share.h; NULL until they are needed */
} arrow_column;

/* Which entries a column's dictionary has, in the order of their first appearance over all arrays. */
typedef struct arrow_dictionary arrow_dictionary;

/* NULL with `error` set. The schema's name, nullability and metadata play no role here. */
arrow_column *arrow_column_new(const struct ArrowSchema *schema, arrow_sink sink, void *context, arrow_error *error);
void arrow_column_free(arrow_column *column);

/* Take the rows [at, at + count), logical in `array`, which may be released after the next call. 0 or -1. */
int arrow_column_take(arrow_column *column, struct ArrowArray *array, int64_t at, int64_t count);

/* The same for rows that have been validated, physical in `array`. They stay borrowed: call arrow_node_own before
 * the array goes. 0 or -1. */
int arrow_column_append(arrow_column *column, const struct ArrowArray *array, int64_t at, int64_t count);

/* Add a finished cell to the list. 0 or -1. */
int arrow_column_list(arrow_column *column, const arrow_cell *cell);

/* The last cell of the column and of its dictionaries. 0 or -1. */
int arrow_column_finish(arrow_column *column);

/* The n-th dictionary of the column's tree, depth first. */
arrow_column *arrow_column_dictionary(arrow_column *column, int n);

#endif
