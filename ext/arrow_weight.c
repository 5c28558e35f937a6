/* See arrow_weight.h for what weighs how much. */
#include "arrow_weight.h"

#include "arrow_offsets.h"
#include "arrow_read.h"
#include "arrow_row.h"

#define HEAVIEST ((int64_t)1 << 60)

/* With 257 bits a row, at most 32,640 rows fit into a cell: fewer than the 32,767 that 16-bit run ends can count. */
#define SHORT_RUN_BITS 257

static int64_t plus(int64_t a, int64_t b) {
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) || sum > HEAVIEST ? HEAVIEST : sum;
}

static int64_t times(int64_t a, int64_t b) {
    int64_t product;
    return __builtin_mul_overflow(a, b, &product) || product > HEAVIEST ? HEAVIEST : product;
}

/* What a row weighs without its children and its text. */
static int64_t own_bits(const arrow_node *node) {
    switch (node->kind) {
    case ARROW_BITS: return 1;
    case ARROW_FIXED:
    case ARROW_BINARY:
    case ARROW_LIST: return 8 * (int64_t)node->width;
    case ARROW_VIEW: return 8 * ARROW_VIEW_WIDTH;
    case ARROW_LIST_VIEW: return 16 * (int64_t)node->width;
    case ARROW_SPARSE_UNION: return 8;
    case ARROW_DENSE_UNION: return 8 + 32;
    case ARROW_RUN_END: return node->width == 2 ? SHORT_RUN_BITS : 1;
    default: return 0;
    }
}

static int64_t children_null_bits(const arrow_node *node) {
    int64_t bits = 0;
    if (node->kind == ARROW_FIXED_LIST) return times(node->list_size, node->children[0]->null_bits);
    if (node->kind == ARROW_DENSE_UNION) return node->n_children > 0 ? node->children[0]->null_bits : 0;
    if (node->kind != ARROW_STRUCT && node->kind != ARROW_SPARSE_UNION) return 0;
    for (int i = 0; i < node->n_children; i++) bits = plus(bits, node->children[i]->null_bits);
    return bits;
}

/* A row weighs the same whatever its value if that holds for all its children and their number. */
static int is_constant(const arrow_node *node) {
    switch (node->kind) {
    case ARROW_NULLS:
    case ARROW_BITS:
    case ARROW_FIXED: return 1;
    case ARROW_FIXED_LIST:
    case ARROW_STRUCT:
    case ARROW_SPARSE_UNION:
        if (node->kind == ARROW_FIXED_LIST && node->list_size == 0) return 1;
        for (int i = 0; i < node->n_children; i++)
            if (node->children[i]->row_bits < 0) return 0;
        return 1;
    default: return 0;
    }
}

void arrow_weight_prepare(arrow_node *node) {
    node->has_runs = node->kind == ARROW_RUN_END;
    for (int i = 0; i < node->n_children; i++) node->has_runs |= node->children[i]->has_runs;
    node->null_bits = plus(own_bits(node), children_null_bits(node));
    if (node->null_bits == 0) node->null_bits = 1;
    node->row_bits = is_constant(node) ? node->null_bits : -1;
}

/* The next row of run-end encoded data: it weighs more where its value is not that of the row before. */
static int run_starts(arrow_node *node, arrow_digest value) {
    if (node->weighing && arrow_same_digest(node->weighed, value)) return 0;
    node->weighing = 1;
    node->weighed = value;
    return 1;
}

/* Weight of rows under a null. */
static int64_t null_weight(arrow_node *node, int64_t count) {
    if (count == 0) return 0;
    if (!node->has_runs) return times(count, node->null_bits);
    int64_t bits = times(count, own_bits(node));
    if (node->kind == ARROW_RUN_END && run_starts(node, arrow_null_digest()))
        return plus(bits, plus(8 * (int64_t)node->width, null_weight(node->children[1], 1)));
    if (node->kind == ARROW_FIXED_LIST) return plus(bits, null_weight(node->children[0], times(count, node->list_size)));
    if (node->kind == ARROW_DENSE_UNION) return plus(bits, null_weight(node->children[0], count));
    if (node->kind == ARROW_STRUCT || node->kind == ARROW_SPARSE_UNION)
        for (int i = 0; i < node->n_children; i++) bits = plus(bits, null_weight(node->children[i], count));
    return bits;
}

static int64_t view_weight(const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t bits = 0;
    const uint8_t *unused;
    for (int64_t i = at; i < at + count; i++) {
        int32_t length = arrow_text_view(array, i, &unused);
        if (length > ARROW_INLINE) bits += 8 * (int64_t)length;
    }
    return bits;
}

static int64_t list_view_weight(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t bits = 0;
    const struct ArrowArray *child = array->children[0];
    for (int64_t i = at; i < at + count; i++) {
        int64_t size = arrow_integer(array->buffers[2], node->width, i);
        bits = plus(bits, arrow_weight(node->children[0], child, child->offset + arrow_offset(node, array, i), size));
    }
    return bits;
}

static int64_t struct_weight(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t bits = 0;
    for (int i = 0; i < node->n_children; i++) {
        const struct ArrowArray *child = array->children[i];
        bits = plus(bits, arrow_weight(node->children[i], child, child->offset + at, count));
    }
    return bits;
}

/* Children of a sparse union that were not chosen weigh like nulls. */
static int64_t union_weight(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t bits = 0;
    for (int64_t i = at; i < at + count; i++) {
        int chosen = arrow_union_child(node, array, i);
        int64_t row = arrow_union_row(node, array, chosen, i);
        bits = plus(bits, arrow_weight(node->children[chosen], array->children[chosen], row, 1));
        for (int c = 0; node->kind == ARROW_SPARSE_UNION && c < node->n_children; c++)
            if (c != chosen) bits = plus(bits, null_weight(node->children[c], 1));
    }
    return bits;
}

static int64_t run_weight(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t bits = 0, end = at + count;
    const struct ArrowArray *values = array->children[1];
    for (int64_t run = arrow_run_of(node, array, at); at < end; run++) {
        int64_t value = values->offset + run;
        if (run_starts(node, arrow_row_digest(node->children[1], values, value)))
            bits = plus(bits, plus(8 * (int64_t)node->width, arrow_weight(node->children[1], values, value, 1)));
        at = arrow_run_end(node, array, run);
    }
    return bits;
}

/* What rows that are not null weigh beyond their own bits. */
static int64_t valid_weight(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    const struct ArrowArray *child = node->n_children > 0 ? array->children[0] : NULL;
    int64_t from;
    switch (node->kind) {
    case ARROW_BINARY: return times(8, arrow_offset(node, array, at + count) - arrow_offset(node, array, at));
    case ARROW_VIEW: return view_weight(array, at, count);
    case ARROW_LIST:
        from = arrow_offset(node, array, at);
        return arrow_weight(node->children[0], child, child->offset + from, arrow_offset(node, array, at + count) - from);
    case ARROW_LIST_VIEW: return list_view_weight(node, array, at, count);
    case ARROW_FIXED_LIST:
        return arrow_weight(node->children[0], child, child->offset + at * node->list_size, count * node->list_size);
    case ARROW_STRUCT: return struct_weight(node, array, at, count);
    case ARROW_SPARSE_UNION:
    case ARROW_DENSE_UNION: return union_weight(node, array, at, count);
    case ARROW_RUN_END: return run_weight(node, array, at, count);
    default: return 0;
    }
}

/* Bytes of text that do not lie under nulls. */
static int64_t valid_text(const arrow_node *node, const struct ArrowArray *array, const uint8_t *validity, int64_t at,
                          int64_t count) {
    int64_t all = arrow_offset(node, array, at + count) - arrow_offset(node, array, at);
    return all - arrow_offsets_under_nulls(arrow_offsets_at(node, array, at), node->width, count, validity, at);
}

int64_t arrow_weight(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    if (count == 0) return 0;
    if (node->row_bits >= 0) return times(count, node->row_bits);
    const uint8_t *validity = arrow_validity(node, array);
    int64_t bits = times(count, own_bits(node)), end = at + count;
    if (validity == NULL || node->clear_nulls) return plus(bits, valid_weight(node, array, at, count));
    if (node->kind == ARROW_BINARY) return plus(bits, times(8, valid_text(node, array, validity, at, count)));
    while (at < end) {
        int64_t run = arrow_bits_run(validity, at, end);
        if (arrow_bit(validity, at))
            bits = plus(bits, valid_weight(node, array, at, run));
        else
            bits = plus(bits, null_weight(node, run) - times(run, own_bits(node)));
        at += run;
    }
    return bits;
}

/* Trying how many rows fit weighs some of them more than once: what the runs know is put back each time. */
static void keep_runs(arrow_node *node) {
    if (!node->has_runs) return;
    node->kept_weighing = node->weighing;
    node->kept_weighed = node->weighed;
    for (int i = 0; i < node->n_children; i++) keep_runs(node->children[i]);
}

static void put_back_runs(arrow_node *node) {
    if (!node->has_runs) return;
    node->weighing = node->kept_weighing;
    node->weighed = node->kept_weighed;
    for (int i = 0; i < node->n_children; i++) put_back_runs(node->children[i]);
}

/* A cell is never full after its first row: a run of one huge value must not make one cell per row. */
static int64_t of_first_row(int64_t weight) { return weight < ARROW_CELL_BITS / 2 ? weight : ARROW_CELL_BITS / 2; }

/* Steps double while they fit and are halved from the first that does not: no more than twice the rows that fit are
 * weighed. */
static int64_t search(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t most, int64_t rows,
                      int64_t *weight) {
    int64_t fit = 0, step = 1;
    int growing = 1;
    while (fit < most && step > 0) {
        int64_t attempt = step < most - fit ? step : most - fit;
        keep_runs(node);
        int64_t heavier = plus(*weight, arrow_weight(node, array, at + fit, attempt));
        if (rows + fit == 0) heavier = of_first_row(heavier);
        if (heavier <= ARROW_CELL_BITS) {
            *weight = heavier;
            fit += attempt;
        } else {
            put_back_runs(node);
            growing = 0;
        }
        step = growing ? 2 * step : step / 2;
    }
    return fit;
}

int64_t arrow_fitting_rows(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count, int64_t rows,
                           int64_t *weight) {
    int64_t most = count < ARROW_CELL_ROWS - rows ? count : ARROW_CELL_ROWS - rows;
    if (node->row_bits < 0) return search(node, array, at, most, rows, weight);
    int64_t room = (ARROW_CELL_BITS - *weight) / node->row_bits;
    if (room == 0 && rows == 0) room = 1;
    if (room > most) room = most;
    *weight += room == 1 && rows == 0 ? of_first_row(node->row_bits) : room * node->row_bits;
    return room;
}
