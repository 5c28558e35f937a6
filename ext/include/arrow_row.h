/* The digest of one row's value: equal values have equal digests wherever and however they are encoded. */
#ifndef MLOPS_ARROW_ROW_H
#define MLOPS_ARROW_ROW_H

#include "arrow_node.h"

arrow_digest arrow_row_digest(const arrow_node *node, const struct ArrowArray *array, int64_t at);

/* The digest of a null row. */
arrow_digest arrow_null_digest(void);

static inline int arrow_same_digest(arrow_digest a, arrow_digest b) { return a.low == b.low && a.high == b.high; }

#endif
