/* See arrow_share.h. Where the cells are cut is known before they are encoded; each is then encoded in a column of its
 * own, a spare one, which is one for each thread, or one for each cell where the sink wants its bytes afterwards. */
#include "arrow_share.h"

#include <stdlib.h>

#include "arrow_cell.h"
#include "arrow_dictionary.h"
#include "arrow_encode.h"
#include "arrow_weight.h"

enum { ROUND = 64, KEPT = HASH_POOL_MOST };

typedef struct {
    arrow_column *column;
    arrow_error error;
} spare;

struct arrow_spares {
    spare each[HASH_POOL_MOST];
};

typedef struct {
    arrow_column *column;
    const struct ArrowArray *array;
    int64_t starts[ROUND];
    arrow_cell cells[ROUND]; /* `rows` is known before, the rest afterwards */
    int count;
    int failed[ROUND];
} shared_round;

static const hash_pool *pool;

void arrow_share_use(const hash_pool *used) { pool = used; }

void arrow_share_free(arrow_column *column) {
    for (int i = 0; column->spares != NULL && i < HASH_POOL_MOST; i++) arrow_column_free(column->spares->each[i].column);
    free(column->spares);
    column->spares = NULL;
}

/* Cuts are the same as in one go: a cell is whole where a row follows that does not fit, or where it has all rows that
 * a cell may have. */
static int64_t plan(shared_round *round, int64_t at, int64_t count, int most) {
    int64_t start = at, end = at + count;
    while (round->count < most && at < end) {
        int64_t weight = 0;
        int64_t rows = arrow_fitting_rows(round->column->node, round->array, at, end - at, 0, &weight);
        if (at + rows == end && rows < ARROW_CELL_ROWS) break;
        round->starts[round->count] = at;
        round->cells[round->count++].rows = rows;
        at += rows;
    }
    return at - start;
}

/* The dictionaries of a spare column are empty: what counts are the maps of the real ones. */
static void lend_maps(arrow_node *node, const arrow_node *from) {
    for (int i = 0; i < node->n_children; i++) lend_maps(node->children[i], from->children[i]);
    if (node->dictionary != NULL) node->dictionary->map = from->dictionary->map;
}

static spare *spare_of(const shared_round *round, size_t index, size_t lane) {
    spare *found = &round->column->spares->each[round->column->sink == NULL ? lane : index];
    if (found->column == NULL) found->column = arrow_column_new(round->column->schema, NULL, NULL, &found->error);
    return found;
}

static int make(const shared_round *round, arrow_column *column, size_t index, arrow_cell *cell) {
    column->node->clear_nulls = round->column->node->clear_nulls;
    lend_maps(column->node, round->column->node);
    if (arrow_encode(column->node, round->array, round->starts[index], cell->rows) != 0) return -1;
    if (arrow_cell_pieces(column) != 0) return -1;
    arrow_cell_digest(column, cell);
    if (round->column->sink == NULL) arrow_node_clear(column->node);
    return 0;
}

/* A job of the pool. */
static void make_cell(void *context, size_t index, size_t lane) {
    shared_round *round = context;
    arrow_column *column = spare_of(round, index, lane)->column;
    round->failed[index] = column == NULL || make(round, column, index, &round->cells[index]) != 0;
}

/* What went wrong in a spare column went wrong in this one. */
static int report(const shared_round *round) {
    for (int i = 0; i < HASH_POOL_MOST; i++) {
        const arrow_error *error = &round->column->spares->each[i].error;
        if (error->status != ARROW_OK) return arrow_fail(round->column->error, error->status, "%s", error->message);
    }
    return arrow_fail(round->column->error, ARROW_MEMORY, "memory is exhausted");
}

static int hand_over(const shared_round *round, int index) {
    const arrow_column *column = round->column;
    if (round->failed[index]) return report(round);
    if (column->sink == NULL) return 0;
    arrow_column *made = column->spares->each[index].column;
    int status = column->sink(column->context, &round->cells[index], made->pieces, made->n_pieces);
    arrow_node_clear(made->node);
    return status;
}

int64_t arrow_share_cells(arrow_column *column, const struct ArrowArray *array, int64_t at, int64_t count) {
    shared_round round = {.column = column, .array = array};
    int64_t planned = plan(&round, at, count, column->sink == NULL ? ROUND : KEPT);
    if (planned == 0) return 0;
    if (column->spares == NULL) column->spares = calloc(1, sizeof *column->spares);
    if (column->spares == NULL) return arrow_fail(column->error, ARROW_MEMORY, "memory is exhausted");
    pool->run(make_cell, &round, (size_t)round.count);
    for (int i = 0; i < round.count; i++)
        if (hand_over(&round, i) != 0 || arrow_column_list(column, &round.cells[i]) != 0) return -1;
    return planned;
}
