/* See arrow_cut.h. */
#include "arrow_cut.h"

#include "arrow_marks.h"
#include "arrow_read.h"
#include "arrow_validate.h"
#include "arrow_weight.h"

enum { STEP = 1024, LOOK = 256, STEADY = 4096 };

typedef struct {
    arrow_rows *rows;
    int64_t taken; /* rows that are in the block */
    int64_t weight;
} block;

int arrow_check_until(arrow_rows *rows, int64_t end) {
    if (end <= rows->checked) return 0;
    if (rows->node->checked_whole) end = rows->end;
    if (arrow_check_rows(rows->node, rows->array, rows->checked, end - rows->checked) != 0) return -1;
    rows->checked = end;
    return 0;
}

/* A huge row must leave room for a neighbour: a run of one huge value must not make one block per row. */
static int64_t of_first_row(int64_t weight) { return weight < ARROW_MOST_BITS / 2 ? weight : ARROW_MOST_BITS / 2; }

/* Take up to `count` more rows, as many as the limit allows: how many that were, -1 with the error set. */
static int64_t take(block *b, int64_t count, int64_t limit) {
    arrow_rows *rows = b->rows;
    int64_t at = rows->at + b->taken, first = 0;
    if (count > rows->end - at) count = rows->end - at;
    if (arrow_check_until(rows, at + count) != 0) return -1;
    if (b->taken == 0 && count > 0) {
        first = 1;
        b->weight = of_first_row(arrow_weight(rows->node, rows->array, at, 1));
    }
    int64_t fit = first + arrow_fitting_rows(rows->node, rows->array, at + first, count - first, limit, &b->weight);
    b->taken += fit;
    return fit;
}

/* The rows that every block has. 1 where the rows end before; -1 with the error set. */
static int take_least(block *b) {
    while (b->taken < ARROW_MOST_ROWS / 4) {
        int64_t wanted = ARROW_MOST_ROWS / 4 - b->taken < STEP ? ARROW_MOST_ROWS / 4 - b->taken : STEP;
        int64_t fit = take(b, wanted, ARROW_LEAST_BITS);
        if (fit < 0) return -1;
        if (b->rows->at + b->taken == b->rows->end) return 1;
        if (fit < wanted) break;
    }
    return 0;
}

/* One place in half as many rows as were taken. */
static uint64_t threshold(int64_t taken) { return taken < 2 ? 0 : UINT64_MAX - UINT64_MAX / (uint64_t)taken * 2; }

/* The window before the first place where the block may end, and that place. */
static arrow_look begin(const block *b) {
    arrow_look look = {0, 0, b->taken, threshold(b->taken)};
    uint64_t marks[ARROW_WINDOW];
    int64_t count = b->taken < ARROW_WINDOW ? b->taken : ARROW_WINDOW;
    arrow_marks(b->rows->node, b->rows->array, b->rows->at + b->taken - count, count, marks);
    for (int64_t i = 0; i < count; i++) look.h = 2 * look.h + marks[i];
    look.greatest = look.h;
    return look;
}

/* How many rows to weigh and to look at next. */
static int64_t next_step(const block *b) {
    int64_t room = ARROW_MOST_ROWS - b->taken, left = b->rows->end - b->rows->at - b->taken;
    int64_t step = b->rows->node->row_bits >= 0 ? STEADY : LOOK;
    if (room < step) step = room;
    return left < step ? left : step;
}

/* Look for the end, row by row: the number of rows, or as arrow_cut. */
static int64_t find_end(block *b) {
    arrow_look look = begin(b);
    if (look.h > look.threshold) return look.best;
    for (;;) {
        int64_t before = b->taken, at = b->rows->at + before, wanted = next_step(b);
        int64_t fit = take(b, wanted, ARROW_MOST_BITS);
        if (fit < 0) return -1;
        if (arrow_look_at(&look, b->rows->node, b->rows->array, at, fit, before)) return look.best;
        if (fit < wanted || b->taken == ARROW_MOST_ROWS) return look.best;
        if (b->rows->at + b->taken == b->rows->end) return b->rows->is_end ? b->taken : 0;
    }
}

int64_t arrow_cut(arrow_rows *rows) {
    block b = {rows, 0, 0};
    if (rows->at == rows->end) return 0;
    int ended = take_least(&b);
    if (ended < 0) return -1;
    if (ended) return rows->is_end ? b.taken : 0;
    return find_end(&b);
}
