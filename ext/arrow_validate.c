/* The rows of an ArrowArray against its buffers; see arrow_validate.h. */
#include "arrow_validate.h"

#include "arrow_dictionary.h"
#include "arrow_offsets.h"
#include "arrow_read.h"

static int wrong(const arrow_node *node, const char *what, int64_t row) {
    return arrow_fail(node->error, ARROW_INVALID, "%s at row %lld of its array", what, (long long)row);
}

/* Rows [from, from + count), logical in a child, and all they lead to. */
static int check_child(const arrow_node *node, const struct ArrowArray *array, int child, int64_t from, int64_t count) {
    const struct ArrowArray *rows = array->children[child];
    if (count == 0) return 0;
    if (from < 0 || count < 0 || from > rows->length - count)
        return arrow_fail(node->error, ARROW_INVALID, "a child has %lld rows, its parent needs rows %lld to %lld",
                          (long long)rows->length, (long long)from, (long long)(from + count));
    return arrow_check_rows(node->children[child], rows, rows->offset + from, count);
}

static int is_valid(const uint8_t *validity, int64_t at) { return validity == NULL || arrow_bit(validity, at); }

/* Offsets ascend; `from` and `to` are the first and the last. */
static int check_offsets(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count, int64_t *from,
                         int64_t *to) {
    *from = arrow_offset(node, array, at);
    *to = arrow_offset(node, array, at + count);
    if (!arrow_offsets_wrong(arrow_offsets_at(node, array, at), node->width, count)) return 0;
    if (*from < 0) return wrong(node, "a negative offset", at);
    for (int64_t i = at + 1; i <= at + count; i++)
        if (arrow_offset(node, array, i) < arrow_offset(node, array, i - 1)) return wrong(node, "offsets descend", i);
    return 0;
}

static int check_text(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t from, to;
    if (check_offsets(node, array, at, count, &from, &to) != 0) return -1;
    return to > from && array->buffers[2] == NULL ? wrong(node, "text without bytes", at) : 0;
}

static int check_list(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t from, to;
    if (check_offsets(node, array, at, count, &from, &to) != 0) return -1;
    return check_child(node, array, 0, from, to - from);
}

/* Whether a view that is not null points into one of the buffers, or nowhere because its text is short. */
static int is_sound(const struct ArrowArray *array, const int64_t *sizes, int64_t at) {
    int64_t buffers = array->n_buffers - 3, size;
    int32_t view[4]; /* length, prefix, buffer, offset */
    memcpy(view, (const uint8_t *)array->buffers[1] + at * ARROW_VIEW_WIDTH, sizeof view);
    int64_t buffer = view[2] >= 0 && view[2] < buffers ? view[2] : 0;
    memcpy(&size, sizes + buffer, sizeof size);
    int fits = (view[2] == buffer) & (view[3] >= 0) & (view[3] <= size - view[0]) & (buffers > 0);
    return (view[0] >= 0) & (fits | (view[0] <= ARROW_INLINE));
}

static int check_views(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    static const int64_t NOTHING = 0;
    const uint8_t *validity = arrow_validity(node, array);
    const int64_t *sizes = array->n_buffers > 3 ? array->buffers[array->n_buffers - 1] : &NOTHING;
    for (int64_t i = at; i < at + count; i++)
        if (!is_sound(array, sizes, i) && is_valid(validity, i)) return wrong(node, "a view points nowhere", i);
    return 0;
}

static int check_list_views(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    const uint8_t *validity = arrow_validity(node, array);
    int64_t from = INT64_MAX, to = 0, length = array->children[0]->length;
    for (int64_t i = at; i < at + count; i++) {
        if (!is_valid(validity, i)) continue;
        int64_t offset = arrow_offset(node, array, i), size = arrow_integer(array->buffers[2], node->width, i);
        if (size == 0) continue;
        if (offset < 0 || size < 0 || size > length || offset > length - size)
            return wrong(node, "a list view points nowhere", i);
        if (offset < from) from = offset;
        if (offset + size > to) to = offset + size;
    }
    return from < to ? check_child(node, array, 0, from, to - from) : 0;
}

static int check_fixed_list(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t end;
    if (__builtin_mul_overflow(at + count, node->list_size, &end)) return wrong(node, "too many list items", at);
    return check_child(node, array, 0, at * node->list_size, count * node->list_size);
}

static int check_same_rows(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    for (int i = 0; i < node->n_children; i++)
        if (check_child(node, array, i, at, count) != 0) return -1;
    return 0;
}

static int check_codes(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    const uint8_t *codes = array->buffers[0];
    for (int64_t i = at; i < at + count; i++)
        if (codes[i] > 127 || node->child_of[codes[i]] < 0) return wrong(node, "an unknown type code of a union", i);
    return node->kind == ARROW_SPARSE_UNION ? check_same_rows(node, array, at, count) : 0;
}

static int check_dense(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t from[128], to[128] = {0};
    for (int i = 0; i < node->n_children; i++) from[i] = INT64_MAX;
    if (check_codes(node, array, at, count) != 0) return -1;
    for (int64_t i = at; i < at + count; i++) {
        int child = arrow_union_child(node, array, i);
        int64_t row = arrow_integer(array->buffers[1], 4, i);
        if (row < from[child]) from[child] = row;
        if (row >= to[child]) to[child] = row + 1;
    }
    for (int i = 0; i < node->n_children; i++)
        if (from[i] < INT64_MAX && check_child(node, array, i, from[i], to[i] - from[i]) != 0) return -1;
    return 0;
}

static int check_indices(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    const uint8_t *validity = arrow_validity(node, array);
    const uint8_t *indices = (const uint8_t *)array->buffers[1] + at * node->width;
    int64_t entries = array->dictionary->length;
    if (!arrow_indices_wrong(indices, node->width, node->is_signed, count, entries)) return 0;
    for (int64_t i = at; i < at + count; i++) {
        int64_t index = arrow_index(node, array, i);
        if ((index < 0 || index >= entries) && is_valid(validity, i))
            return wrong(node, "an index points outside of its dictionary", i);
    }
    return 0;
}

static int check_runs(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    const struct ArrowArray *ends = array->children[0];
    int64_t before = 0;
    if (ends->length > 0 && ends->null_count > 0) return wrong(node, "a run end is null", at);
    for (int64_t run = 0; run < ends->length; run++) {
        int64_t end = arrow_run_end(node, array, run);
        if (end <= before) return wrong(node, "run ends do not ascend", run);
        before = end;
    }
    if (before < at + count) return wrong(node, "the runs end too early", before);
    int64_t from = arrow_run_of(node, array, at);
    return check_child(node, array, 1, from, arrow_run_of(node, array, at + count - 1) + 1 - from);
}

int arrow_check_rows(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    if (count == 0) return 0;
    switch (node->kind) {
    case ARROW_FIXED: return node->dictionary == NULL ? 0 : check_indices(node, array, at, count);
    case ARROW_BINARY: return check_text(node, array, at, count);
    case ARROW_VIEW: return check_views(node, array, at, count);
    case ARROW_LIST: return check_list(node, array, at, count);
    case ARROW_LIST_VIEW: return check_list_views(node, array, at, count);
    case ARROW_FIXED_LIST: return check_fixed_list(node, array, at, count);
    case ARROW_STRUCT: return check_same_rows(node, array, at, count);
    case ARROW_SPARSE_UNION: return check_codes(node, array, at, count);
    case ARROW_DENSE_UNION: return check_dense(node, array, at, count);
    case ARROW_RUN_END: return check_runs(node, array, at, count);
    default: return 0;
    }
}
