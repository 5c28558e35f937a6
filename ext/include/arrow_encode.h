/* Appending rows to the pending cell in the canonical layout.
 *
 * Canonical: offsets count from the cell's first row and lie in order, list views and dense unions too; there is a
 * validity bitmap only where there are nulls; what lies under a null is zero or empty, and itself null where the
 * type allows; views point into one buffer; neighbouring equal runs are one run; padding is zero. */
#ifndef MLOPS_ARROW_ENCODE_H
#define MLOPS_ARROW_ENCODE_H

#include "arrow_node.h"

/* Append rows [at, at + count) of a validated array. Large pieces are borrowed where possible. 0 or -1. */
int arrow_encode(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count);

/* Append rows that lie under a null. 0 or -1. */
int arrow_encode_nulls(arrow_node *node, int64_t count);

/* The rest is private to the two files that encode. Each appends rows to its own kind of node; `length` and
 * `validity` are the callers'. */
int arrow_out_of_memory(const arrow_node *node);
int arrow_encode_offsets(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count, int64_t base);
int arrow_repeat_offset(arrow_node *node, int64_t value, int64_t count);
int arrow_encode_nested(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count);
int arrow_encode_nested_nulls(arrow_node *node, int64_t count);

#endif
