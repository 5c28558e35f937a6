/* Where a column is cut into blocks of rows: found in the content, so that rows which move keep their blocks.
 *
 * A block takes at least the rows that fit into ARROW_LEAST_BITS, and no more than fit into ARROW_MOST_BITS. In
 * between it ends where the marks of its last 64 rows (arrow_marks.h) say so: with h = 2 h + mark, row by row, the
 * oldest of them has just left h, and the block ends where h is above a threshold, which happens once in half as many
 * rows as had to be taken. Where it never happens, the block ends where h was greatest, at the last of several such
 * places. (Not where it is small: zeros, nulls and empty texts have the mark 0, and there are many in a row.)
 * What lies before the rows that had to be taken is never looked at: most of the speed comes from that. */
#ifndef MLOPS_ARROW_CUT_H
#define MLOPS_ARROW_CUT_H

#include "arrow_node.h"

enum {
    ARROW_LEAST_BITS = 2 << 20, /* 256 KiB */
    ARROW_MOST_BITS = 8 << 20,  /* 1 MiB */
    ARROW_MOST_ROWS = 1 << 20,
    ARROW_WINDOW = 64,
};

typedef struct {
    const arrow_node *node; /* the type; its dictionaries say how indices are mapped */
    const struct ArrowArray *array;
    int64_t at, end;   /* rows that are not cut yet, physical in `array` */
    int64_t checked;   /* rows before it have been validated */
    int is_end;        /* `end` is the end of the column */
} arrow_rows;

/* Validate the rows before `end`, all of them where parts of them may lie anywhere. 0 or -1 with the error set. */
int arrow_check_until(arrow_rows *rows, int64_t end);

/* Rows of the next block from `at` on, all of them validated; 0 where that depends on rows behind `end`; -1 with the
 * node's error set. */
int64_t arrow_cut(arrow_rows *rows);

#endif
