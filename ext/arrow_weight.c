/* See arrow_weight.h for what weighs how much. */
#include "arrow_weight.h"

#include "arrow_offsets.h"
#include "arrow_read.h"

#define HEAVIEST ((int64_t)1 << 60)

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
    default: return 0;
    }
}

/* A row of run-end encoded data whose value weighs so much. */
static int64_t run_row_bits(const arrow_node *node, int64_t value) {
    int64_t bits = plus(node->run_bits, value);
    return bits < ARROW_RUN_ROW_BITS ? bits : ARROW_RUN_ROW_BITS;
}

static int64_t null_bits(const arrow_node *node) {
    int64_t bits = own_bits(node);
    switch (node->kind) {
    case ARROW_FIXED_LIST: return times(node->list_size, node->children[0]->null_bits);
    case ARROW_RUN_END: return run_row_bits(node, node->children[1]->null_bits);
    case ARROW_DENSE_UNION: return node->n_children > 0 ? plus(bits, node->children[0]->null_bits) : bits;
    case ARROW_STRUCT:
    case ARROW_SPARSE_UNION:
        for (int i = 0; i < node->n_children; i++) bits = plus(bits, node->children[i]->null_bits);
        return bits;
    default: return bits;
    }
}

/* A row weighs the same whatever its value if that holds for all its children and their number. */
static int is_constant(const arrow_node *node) {
    switch (node->kind) {
    case ARROW_NULLS:
    case ARROW_BITS:
    case ARROW_FIXED: return 1;
    case ARROW_RUN_END: return node->children[1]->row_bits >= 0;
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
    node->run_bits = node->width == 2 ? ARROW_SHORT_RUN_BITS : 1;
    node->null_bits = null_bits(node);
    if (node->null_bits == 0) node->null_bits = 1;
    node->row_bits = is_constant(node) ? node->null_bits : -1;
}

/* Bits of the texts that are not kept in their views. */
static int64_t view_weight(const struct ArrowArray *array, const uint8_t *validity, int64_t at, int64_t count) {
    uint64_t bytes = 0;
    for (int64_t i = at; i < at + count; i++) {
        arrow_text text = arrow_text_at(array, validity, i);
        bytes += text.length & text.is_long;
    }
    return times(8, (int64_t)bytes);
}

static int64_t list_view_weight(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t bits = 0;
    const struct ArrowArray *child = array->children[0];
    for (int64_t i = at; i < at + count; i++) {
        int64_t size = arrow_integer(array->buffers[2], node->width, i);
        bits = plus(bits, arrow_weight(node->children[0], child, child->offset + arrow_offset(node, array, i), size));
    }
    return bits;
}

static int64_t struct_weight(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t bits = 0;
    for (int i = 0; i < node->n_children; i++) {
        const struct ArrowArray *child = array->children[i];
        bits = plus(bits, arrow_weight(node->children[i], child, child->offset + at, count));
    }
    return bits;
}

/* Children of a sparse union that were not chosen weigh like nulls. */
static int64_t union_weight(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t bits = 0;
    for (int64_t i = at; i < at + count; i++) {
        int chosen = arrow_union_child(node, array, i);
        int64_t row = arrow_union_row(node, array, chosen, i);
        bits = plus(bits, arrow_weight(node->children[chosen], array->children[chosen], row, 1));
        for (int c = 0; node->kind == ARROW_SPARSE_UNION && c < node->n_children; c++)
            if (c != chosen) bits = plus(bits, node->children[c]->null_bits);
    }
    return bits;
}

static int64_t run_weight(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t bits = 0, end = at + count;
    const struct ArrowArray *values = array->children[1];
    for (int64_t run = arrow_run_of(node, array, at); at < end; run++) {
        int64_t stop = arrow_run_end(node, array, run) < end ? arrow_run_end(node, array, run) : end;
        int64_t value = arrow_weight(node->children[1], values, values->offset + run, 1);
        bits = plus(bits, times(stop - at, run_row_bits(node, value)));
        at = stop;
    }
    return bits;
}

/* What rows that are not null weigh beyond their own bits. */
static int64_t valid_weight(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    const struct ArrowArray *child = node->n_children > 0 ? array->children[0] : NULL;
    int64_t from;
    switch (node->kind) {
    case ARROW_BINARY: return times(8, arrow_offset(node, array, at + count) - arrow_offset(node, array, at));
    case ARROW_VIEW: return view_weight(array, NULL, at, count);
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

/* Rows of which some are null. */
static int64_t weight_with_nulls(const arrow_node *node, const struct ArrowArray *array, const uint8_t *validity,
                                 int64_t at, int64_t count) {
    int64_t bits = 0, end = at + count;
    if (node->kind == ARROW_BINARY) return times(8, valid_text(node, array, validity, at, count));
    if (node->kind == ARROW_VIEW) return view_weight(array, validity, at, count);
    for (int64_t run; at < end; at += run) {
        run = arrow_bits_run(validity, at, end);
        int64_t more = arrow_bit(validity, at) ? valid_weight(node, array, at, run)
                                               : times(run, node->null_bits - own_bits(node));
        bits = plus(bits, more);
    }
    return bits;
}

int64_t arrow_weight(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    if (count == 0) return 0;
    if (node->row_bits >= 0) return times(count, node->row_bits);
    const uint8_t *validity = arrow_validity(node, array);
    int64_t more = validity == NULL ? valid_weight(node, array, at, count)
                                    : weight_with_nulls(node, array, validity, at, count);
    return plus(times(count, own_bits(node)), more);
}

/* All of them, or as many as halving the step finds. */
static int64_t search(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count, int64_t limit,
                      int64_t *weight) {
    int64_t fit = 0;
    for (int64_t step = count; fit < count && step > 0;) {
        int64_t attempt = step < count - fit ? step : count - fit;
        int64_t heavier = plus(*weight, arrow_weight(node, array, at + fit, attempt));
        if (heavier <= limit) {
            *weight = heavier;
            fit += attempt;
        } else {
            step = attempt / 2;
        }
    }
    return fit;
}

int64_t arrow_fitting_rows(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count,
                           int64_t limit, int64_t *weight) {
    if (node->row_bits < 0) return search(node, array, at, count, limit, weight);
    int64_t room = (limit - *weight) / node->row_bits;
    if (room > count) room = count;
    if (room < 0) room = 0;
    *weight += room * node->row_bits;
    return room;
}
