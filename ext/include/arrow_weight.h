/* Weight of rows: decides where a column is cut, so it depends on values and types alone.
 *
 * Counted in bits: the width of a value, of an offset (one per row), of a view, of a type code; the bytes of a
 * string that is not null, as long as they are not kept inside the view; children of a list that is not null.
 * A validity bit weighs nothing. A null weighs as much as an empty or zero value, with its whole list for a
 * fixed-size one. Every row weighs at least one bit. A row of run-end encoded data weighs one bit (257 where
 * run ends have 16 bits, so that they suffice), and what its value and run end weigh where a new run starts:
 * at the first row of a cell and wherever the value differs from the one before. The first row of a cell counts
 * for at most half a cell. */
#ifndef MLOPS_ARROW_WEIGHT_H
#define MLOPS_ARROW_WEIGHT_H

#include "arrow_node.h"

enum {
    ARROW_CELL_ROWS = 65536,
    ARROW_CELL_BITS = 8 << 20, /* 1 MiB */
};

/* Set `row_bits`, `null_bits` and `has_runs`, once the children have theirs. */
void arrow_weight_prepare(arrow_node *node);

/* Weight of `count` rows from `at` on, which follow the rows weighed before. Saturates. */
int64_t arrow_weight(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count);

/* How many of the rows [at, at + count) fit into a cell with `rows` rows of weight `*weight`, which is moved on.
 * At least one where `rows` is 0. */
int64_t arrow_fitting_rows(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count, int64_t rows,
                           int64_t *weight);

#endif
