/* Blocks of one array, made by several threads: each cuts the next one, one after another, and then encodes and hashes
 * it, all at the same time. */
#ifndef MLOPS_ARROW_SHARE_H
#define MLOPS_ARROW_SHARE_H

#include "arrow_column.h"
#include "arrow_cut.h"
#include "hash_pool.h"

/* Before the first column: who the threads are. */
void arrow_share_use(const hash_pool *pool);

/* Make the blocks that begin before `stop`, as far as it is known where they end: they are listed and handed to the
 * sink in order, and `rows->at` is behind them. With `alone` the caller does it by himself. 0 or -1. */
int arrow_share_blocks(arrow_column *column, arrow_rows *rows, int64_t stop, int alone);

#endif
