/* Weight of rows: how much of a block they fill. It depends on values and types alone.
 *
 * Counted in bits: the width of a value, of an offset (one per row), of a view, of a type code; the bytes of a
 * string that is not null, as long as they are not kept inside the view; children of a list that is not null.
 * A validity bit weighs nothing. A null weighs as much as an empty or zero value, with its whole list for a
 * fixed-size one. Every row weighs at least one bit. A row of run-end encoded data weighs one bit
 * (ARROW_SHORT_RUN_BITS where run ends have 16 bits, so that they suffice) and its value, whether a run starts there
 * or not, but never more than ARROW_RUN_ROW_BITS: a long run of a huge value is still one block. */
#ifndef MLOPS_ARROW_WEIGHT_H
#define MLOPS_ARROW_WEIGHT_H

#include "arrow_cut.h"

enum {
    ARROW_SHORT_RUN_BITS = ARROW_MOST_BITS / 32640 + 1, /* 32,640 rows at most: 16-bit run ends count 32,767 */
    ARROW_RUN_ROW_BITS = 4096,
};

/* Set `row_bits` and `null_bits`, once the children have theirs. */
void arrow_weight_prepare(arrow_node *node);

/* Weight of `count` rows from `at` on. Saturates. */
int64_t arrow_weight(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count);

/* How many of the rows [at, at + count) can be added before `*weight`, which is moved on, exceeds `limit`. */
int64_t arrow_fitting_rows(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count,
                           int64_t limit, int64_t *weight);

#endif
