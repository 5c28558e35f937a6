/* A column: rows come in by arrays of any length, blocks of cells go out. */
#ifndef MLOPS_ARROW_COLUMN_H
#define MLOPS_ARROW_COLUMN_H

#include "arrow_block.h"
#include "arrow_node.h"

/* Called, without the GIL, with every new cell. 0, or -1 with the error of the column set. */
typedef int (*arrow_sink)(void *context, const uint8_t *digest, const arrow_buffer *cell);

/* More than one block: what is kept back at least, until blocks are made of it. */
enum { ARROW_LEAST_STAGE_BITS = 12 << 20 }; /* 1.5 MiB */

typedef struct arrow_column {
    arrow_error *error;
    const struct ArrowSchema *schema; /* lives longer than the column */
    arrow_node *node;
    arrow_buffer type; /* its canonical encoding (arrow_type_digest.h) */
    arrow_sink sink;   /* NULL: cells are only hashed */
    void *context;
    int64_t stage_bits; /* how much is kept back until there are enough blocks for all threads */
    struct arrow_stage *stage; /* rows that are not in a block yet; see arrow_stage.h */
    arrow_blocks blocks;
} arrow_column;

/* Which entries a column's dictionary has, in the order of their first appearance over all arrays. */
typedef struct arrow_dictionary arrow_dictionary;

/* NULL with `error` set. The schema's name, nullability and metadata play no role here. */
arrow_column *arrow_column_new(const struct ArrowSchema *schema, arrow_error *error);
void arrow_column_free(arrow_column *column);

/* Before the first rows: where the cells go, for its dictionaries as well, and how much may be kept back. */
void arrow_column_prepare(arrow_column *column, arrow_sink sink, void *context, int64_t stage_bits);

/* Take the rows [at, at + count), logical in `array`, which may be released afterwards. 0 or -1. */
int arrow_column_take(arrow_column *column, struct ArrowArray *array, int64_t at, int64_t count);

/* The same for rows physical in `array`, of which those before `checked` have been validated. 0 or -1. */
int arrow_column_append(arrow_column *column, const struct ArrowArray *array, int64_t at, int64_t count,
                        int64_t checked);

/* The last block of the column and of its dictionaries. 0 or -1. */
int arrow_column_finish(arrow_column *column);

/* The n-th dictionary of the column's tree, depth first. */
arrow_column *arrow_column_dictionary(arrow_column *column, int n);

#endif
