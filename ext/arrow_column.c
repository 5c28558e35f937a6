/* See arrow_column.h. */
#include "arrow_column.h"

#include <stdlib.h>
#include <string.h>

#include "arrow_cell.h"
#include "arrow_dictionary.h"
#include "arrow_encode.h"
#include "arrow_offsets.h"
#include "arrow_read.h"
#include "arrow_share.h"
#include "arrow_type_digest.h"
#include "arrow_validate.h"
#include "arrow_weight.h"

arrow_column *arrow_column_new(const struct ArrowSchema *schema, arrow_sink sink, void *context, arrow_error *error) {
    arrow_column *column = calloc(1, sizeof *column);
    if (column == NULL) {
        arrow_fail(error, ARROW_MEMORY, "memory is exhausted");
        return NULL;
    }
    column->error = error;
    column->sink = sink;
    column->context = context;
    column->schema = schema;
    column->node = arrow_node_new(schema, error);
    if (column->node != NULL && arrow_put_type(&column->type, schema) == 0) return column;
    arrow_fail(error, ARROW_MEMORY, "memory is exhausted");
    arrow_column_free(column);
    return NULL;
}

void arrow_column_free(arrow_column *column) {
    if (column == NULL) return;
    arrow_share_free(column);
    arrow_node_free(column->node);
    arrow_buffer_free(&column->type);
    arrow_buffer_free(&column->header);
    free(column->cells);
    free(column->pieces);
    free(column);
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

int arrow_column_list(arrow_column *column, const arrow_cell *cell) {
    if (column->n_cells == column->room) {
        size_t room = column->room == 0 ? 8 : 2 * column->room;
        arrow_cell *cells = realloc(column->cells, room * sizeof *cells);
        if (cells == NULL) return arrow_fail(column->error, ARROW_MEMORY, "memory is exhausted");
        column->cells = cells;
        column->room = room;
    }
    column->cells[column->n_cells++] = *cell;
    return 0;
}

static int finish_cell(arrow_column *column) {
    arrow_cell cell = {.rows = column->rows};
    if (column->rows == 0) return 0;
    if (arrow_cell_pieces(column) != 0) return -1;
    arrow_cell_digest(column, &cell);
    if (column->sink != NULL && column->sink(column->context, &cell, column->pieces, column->n_pieces) != 0) return -1;
    arrow_node_clear(column->node);
    column->rows = column->weight = 0;
    return arrow_column_list(column, &cell);
}

/* What a run weighs depends on the run before: such columns are taken by one thread. */
static int can_share(const arrow_column *column, int64_t count) {
    return column->rows == 0 && count >= ARROW_SHARE_ROWS && !column->node->has_runs;
}

int arrow_column_append(arrow_column *column, const struct ArrowArray *array, int64_t at, int64_t count) {
    while (count > 0) {
        if (can_share(column, count)) {
            int64_t shared = arrow_share_cells(column, array, at, count);
            if (shared < 0) return -1;
            at += shared;
            count -= shared;
            if (shared > 0) continue;
        }
        int64_t fit = arrow_fitting_rows(column->node, array, at, count, column->rows, &column->weight);
        if (arrow_encode(column->node, array, at, fit) != 0) return -1;
        column->rows += fit;
        at += fit;
        count -= fit;
        if ((count > 0 || column->rows == ARROW_CELL_ROWS) && finish_cell(column) != 0) return -1;
    }
    return 0;
}

/* --- dictionaries ------------------------------------------------------------------------------------------------- */

/* How many entries the indices of a node can tell apart. */
static int64_t countable(const arrow_node *node) {
    int bits = 8 * node->width - (node->is_signed ? 1 : 0);
    return bits >= 63 ? INT64_MAX : (int64_t)1 << bits;
}

static int take_dictionary(arrow_node *node, struct ArrowArray *values);

static int take_dictionaries(arrow_node *node, struct ArrowArray *array) {
    for (int i = 0; i < node->n_children; i++)
        if (take_dictionaries(node->children[i], array->children[i]) != 0) return -1;
    return node->dictionary == NULL ? 0 : take_dictionary(node, array->dictionary);
}

static int take_dictionary(arrow_node *node, struct ArrowArray *values) {
    arrow_node *entry = node->dictionary->column->node;
    if (arrow_check_rows(entry, values, values->offset, values->length) != 0) return -1;
    if (take_dictionaries(entry, values) != 0 || arrow_dictionary_take(node->dictionary, values) != 0) return -1;
    if (node->dictionary->count <= countable(node)) return 0;
    return arrow_fail(node->error, ARROW_TOO_LARGE,
                      "the dictionaries of all chunks together have %lld entries, more than %d-bit indices can count",
                      (long long)node->dictionary->count, 8 * node->width);
}

static int own_all(arrow_node *node) {
    if (arrow_node_own(node) != 0) return -1;
    for (int i = 0; i < node->n_children; i++)
        if (node->children[i]->dictionary_nodes > 0 && own_all(node->children[i]) != 0) return -1;
    return node->dictionary == NULL ? 0 : own_all(node->dictionary->column->node);
}

static int finish_dictionaries(arrow_node *node) {
    for (int i = 0; i < node->n_children; i++)
        if (finish_dictionaries(node->children[i]) != 0) return -1;
    return node->dictionary == NULL ? 0 : arrow_column_finish(node->dictionary->column);
}

static arrow_column *nth_dictionary(arrow_node *node, int *n) {
    if (node->dictionary != NULL && (*n)-- == 0) return node->dictionary->column;
    for (int i = 0; i < node->n_children; i++) {
        arrow_column *found = nth_dictionary(node->children[i], n);
        if (found != NULL) return found;
    }
    return NULL;
}

arrow_column *arrow_column_dictionary(arrow_column *column, int n) { return nth_dictionary(column->node, &n); }

/* ------------------------------------------------------------------------------------------------------------------ */

static void hand_sink_down(arrow_node *node, arrow_sink sink, void *context) {
    for (int i = 0; i < node->n_children; i++) hand_sink_down(node->children[i], sink, context);
    if (node->dictionary == NULL) return;
    node->dictionary->column->sink = sink;
    node->dictionary->column->context = context;
    hand_sink_down(node->dictionary->column->node, sink, context);
}

/* Mostly nothing lies under the nulls of a column of text: to know it once spares looking again for every cell. */
static int has_clear_nulls(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    if (node->kind != ARROW_BINARY || count == 0) return 0;
    const uint8_t *validity = arrow_validity(node, array), *offsets = arrow_offsets_at(node, array, at);
    return validity == NULL || arrow_offsets_under_nulls(offsets, node->width, count, validity, at) == 0;
}

int arrow_column_take(arrow_column *column, struct ArrowArray *array, int64_t at, int64_t count) {
    if (arrow_check_shape(column->node, array) != 0) return -1;
    if (at < 0 || count < 0 || at > array->length - count)
        return arrow_fail(column->error, ARROW_INVALID, "a column has %lld rows, the batch needs rows %lld to %lld",
                          (long long)array->length, (long long)at, (long long)(at + count));
    if (arrow_check_rows(column->node, array, array->offset + at, count) != 0) return -1;
    hand_sink_down(column->node, column->sink, column->context);
    column->node->clear_nulls = has_clear_nulls(column->node, array, array->offset + at, count);
    if (take_dictionaries(column->node, array) != 0) return -1;
    if (arrow_column_append(column, array, array->offset + at, count) != 0) return -1;
    return own_all(column->node);
}

int arrow_column_finish(arrow_column *column) {
    if (finish_cell(column) != 0) return -1;
    return finish_dictionaries(column->node);
}
