/* See arrow_column.h. */
#include "arrow_column.h"

#include <stdlib.h>
#include <string.h>

#include "arrow_cut.h"
#include "arrow_dictionary.h"
#include "arrow_read.h"
#include "arrow_share.h"
#include "arrow_stage.h"
#include "arrow_type_digest.h"
#include "arrow_validate.h"
#include "arrow_weight.h"

enum { KEPT_ROWS = 8192 };

arrow_column *arrow_column_new(const struct ArrowSchema *schema, arrow_error *error) {
    arrow_column *column = calloc(1, sizeof *column);
    if (column != NULL) {
        column->error = error;
        column->schema = schema;
        column->stage_bits = ARROW_LEAST_STAGE_BITS;
        column->node = arrow_node_new(schema, error);
        column->blocks.places = column->node == NULL ? 0 : arrow_block_places(column->node);
        if (column->node != NULL && arrow_put_type(&column->type, schema) == 0) return column;
        arrow_column_free(column);
    }
    arrow_fail(error, ARROW_MEMORY, "memory is exhausted");
    return NULL;
}

void arrow_column_free(arrow_column *column) {
    if (column == NULL) return;
    arrow_node_free(column->node);
    arrow_stage_free(column->stage);
    arrow_buffer_free(&column->type);
    arrow_blocks_free(&column->blocks);
    free(column);
}

static void prepare_dictionaries(const arrow_node *node, const arrow_column *column) {
    for (int i = 0; i < node->n_children; i++) prepare_dictionaries(node->children[i], column);
    if (node->dictionary == NULL) return;
    arrow_column_prepare(node->dictionary->column, column->sink, column->context, column->stage_bits);
}

void arrow_column_prepare(arrow_column *column, arrow_sink sink, void *context, int64_t stage_bits) {
    column->sink = sink;
    column->context = context;
    column->stage_bits = stage_bits;
    prepare_dictionaries(column->node, column);
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

/* Blocks of the rows that were kept back, as far as they begin before `stop`: how many rows they took, or -1. */
static int64_t cut_stage(arrow_column *column, int64_t stop, int is_end) {
    arrow_stage *stage = column->stage;
    int64_t length = stage->node->length;
    arrow_rows rows = {stage->node, arrow_stage_rows(stage), 0, length, length, is_end};
    int alone = stage->weight < 4 * (int64_t)ARROW_LEAST_BITS;
    return arrow_share_blocks(column, &rows, stop < length ? stop : length, alone) == 0 ? rows.at : -1;
}

/* Keep rows back until their weight reaches the limit: at least one. Their number, or -1. */
static int64_t keep_back(arrow_column *column, arrow_rows *rows, int64_t limit) {
    int64_t weight = column->stage->weight;
    int64_t count = rows->end - rows->at < KEPT_ROWS ? rows->end - rows->at : KEPT_ROWS;
    if (arrow_check_until(rows, rows->at + count) != 0) return -1;
    count = arrow_fitting_rows(rows->node, rows->array, rows->at, count, limit, &weight);
    if (count == 0) count = 1;
    if (arrow_stage_put(column->stage, rows->node, rows->array, rows->at, count) != 0) return -1;
    rows->at += count;
    return count;
}

/* Small arrays: collect them until there is work for all threads. */
static int collect(arrow_column *column, arrow_rows *rows) {
    while (rows->at < rows->end) {
        if (keep_back(column, rows, column->stage_bits) < 0) return -1;
        if (column->stage->weight < column->stage_bits) continue;
        int64_t cut = cut_stage(column, INT64_MAX, 0);
        if (cut < 0 || arrow_stage_drop(column->stage, cut) != 0) return -1;
    }
    return 0;
}

/* Finish the blocks that begin in the rows kept back, with so many rows of a large array that these must end there. */
static int join(arrow_column *column, arrow_rows *rows) {
    int64_t kept = column->stage->node->length, enough = column->stage->weight + ARROW_MOST_BITS;
    if (kept == 0) return 0;
    while (rows->at < rows->end && column->stage->weight <= enough)
        if (keep_back(column, rows, enough + 1) < 0) return -1;
    int64_t joined = column->stage->node->length, cut = cut_stage(column, kept, 0);
    if (cut < 0) return -1;
    if (cut < kept) return arrow_stage_drop(column->stage, cut); /* the array has ended */
    rows->at -= joined - cut;
    return arrow_stage_drop(column->stage, joined);
}

/* Whether an array is worth work of its own; where rows wait for it, as much as one block of it must be copied. */
static int is_heavy(const arrow_column *column, const struct ArrowArray *array, int64_t at, int64_t count) {
    const arrow_node *node = column->node;
    int64_t text = 0, limit = (column->stage->node->length == 0 ? 1 : 4) * (int64_t)ARROW_MOST_BITS;
    if (count > limit / node->null_bits) return 1;
    if (node->kind == ARROW_BINARY) text = arrow_offset(node, array, at + count) - arrow_offset(node, array, at);
    if (node->n_children > 0) return arrow_weight(node, array, at, count) > limit;
    return text > limit / 8;
}

int arrow_column_append(arrow_column *column, const struct ArrowArray *array, int64_t at, int64_t count,
                        int64_t checked) {
    arrow_rows rows = {column->node, array, at, at + count, checked, 0};
    if (count == 0) return 0;
    if (column->node->n_children > 0 && arrow_check_until(&rows, rows.end) != 0) return -1;
    if (column->stage == NULL) column->stage = arrow_stage_new(column->schema, column->error);
    if (column->stage == NULL) return -1;
    if (is_heavy(column, array, at, count)) {
        if (join(column, &rows) != 0) return -1;
        if (column->stage->node->length == 0 && arrow_share_blocks(column, &rows, rows.end, 0) != 0) return -1;
    }
    return collect(column, &rows);
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

static int own_all(arrow_column *column);

static int own_dictionaries(const arrow_node *node) {
    for (int i = 0; i < node->n_children; i++)
        if (own_dictionaries(node->children[i]) != 0) return -1;
    return node->dictionary == NULL ? 0 : own_all(node->dictionary->column);
}

/* Nothing that is kept back may lie in an array that goes away. */
static int own_all(arrow_column *column) {
    if (column->stage != NULL && arrow_node_own(column->stage->node) != 0) return -1;
    return own_dictionaries(column->node);
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

int arrow_column_take(arrow_column *column, struct ArrowArray *array, int64_t at, int64_t count) {
    if (arrow_check_shape(column->node, array) != 0) return -1;
    if (at < 0 || count < 0 || at > array->length - count)
        return arrow_fail(column->error, ARROW_INVALID, "a column has %lld rows, the batch needs rows %lld to %lld",
                          (long long)array->length, (long long)at, (long long)(at + count));
    if (take_dictionaries(column->node, array) != 0) return -1;
    at += array->offset;
    if (arrow_column_append(column, array, at, count, at) != 0) return -1;
    return own_all(column);
}

int arrow_column_finish(arrow_column *column) {
    if (column->stage != NULL && cut_stage(column, INT64_MAX, 1) < 0) return -1;
    return finish_dictionaries(column->node);
}
