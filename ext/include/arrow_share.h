/* Whole cells of one array, encoded and hashed by several threads. */
#ifndef MLOPS_ARROW_SHARE_H
#define MLOPS_ARROW_SHARE_H

#include "arrow_column.h"
#include "hash_pool.h"

/* Fewer rows than this are not worth a look for whole cells. */
enum { ARROW_SHARE_ROWS = 1024 };

/* Before the first column: who the threads are. */
void arrow_share_use(const hash_pool *pool);

/* Take whole cells off the beginning of the rows [at, at + count), validated, while the column has no pending rows.
 * How many rows that were, in cells that are now listed and handed to the sink in order; -1 with the error set. */
int64_t arrow_share_cells(arrow_column *column, const struct ArrowArray *array, int64_t at, int64_t count);

void arrow_share_free(arrow_column *column);

#endif
