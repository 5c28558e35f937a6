/* The kinds with children; see arrow_encode.h. */
#include "arrow_encode.h"
#include "arrow_read.h"
#include "arrow_row.h"

static int put_bytes(arrow_node *node, arrow_buffer *buffer, const void *bytes, size_t length) {
    uint8_t *place;
    if (arrow_buffer_extend(buffer, length, &place) != 0) return arrow_out_of_memory(node);
    memcpy(place, bytes, length);
    return 0;
}

static int repeat_code(arrow_node *node, int child, int64_t count) {
    uint8_t *place;
    if (arrow_buffer_extend(&node->first, (size_t)count, &place) != 0) return arrow_out_of_memory(node);
    memset(place, node->codes[child], (size_t)count);
    return 0;
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

static int encode_list(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    const struct ArrowArray *child = array->children[0];
    int64_t from = arrow_offset(node, array, at);
    if (arrow_encode_offsets(node, array, at, count, node->children[0]->length) != 0) return -1;
    return arrow_encode(node->children[0], child, child->offset + from, arrow_offset(node, array, at + count) - from);
}

/* One list view: its offset is where its children will start. */
static int put_view(arrow_node *node, int64_t size) {
    int64_t offset = node->children[0]->length;
    if (node->width == 4 && (offset > INT32_MAX || size > INT32_MAX - offset))
        return arrow_fail(node->error, ARROW_TOO_LARGE, "one block holds more than 32-bit offsets can count");
    if (put_bytes(node, &node->first, &offset, (size_t)node->width) != 0) return -1;
    return put_bytes(node, &node->second, &size, (size_t)node->width);
}

static int encode_list_views(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    const struct ArrowArray *child = array->children[0];
    for (int64_t i = at; i < at + count; i++) {
        int64_t size = arrow_integer(array->buffers[2], node->width, i);
        if (put_view(node, size) != 0) return -1;
        if (arrow_encode(node->children[0], child, child->offset + arrow_offset(node, array, i), size) != 0) return -1;
    }
    return 0;
}

static int empty_list_views(arrow_node *node, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (put_view(node, 0) != 0) return -1;
    return 0;
}

/* --- structs and unions ------------------------------------------------------------------------------------------- */

static int encode_struct(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    for (int i = 0; i < node->n_children; i++) {
        const struct ArrowArray *child = array->children[i];
        if (arrow_encode(node->children[i], child, child->offset + at, count) != 0) return -1;
    }
    return 0;
}

static int null_children(arrow_node *node, int except, int64_t count) {
    for (int i = 0; i < node->n_children; i++)
        if (i != except && arrow_encode_nulls(node->children[i], count) != 0) return -1;
    return 0;
}

/* How many rows from `at` on chose the same child, in a dense union one after another. */
static int64_t same_choice(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t end) {
    int child = arrow_union_child(node, array, at);
    int64_t row = arrow_union_row(node, array, child, at), count = 1;
    while (at + count < end && arrow_union_child(node, array, at + count) == child &&
           arrow_union_row(node, array, child, at + count) == row + count)
        count++;
    return count;
}

/* Offsets of `count` rows appended one after another to a child of a dense union. */
static int dense_offsets(arrow_node *node, int child, int64_t count) {
    uint8_t *place;
    int64_t from = node->children[child]->length;
    if (from > INT32_MAX - count)
        return arrow_fail(node->error, ARROW_TOO_LARGE, "one block holds more than 32-bit offsets can count");
    if (arrow_buffer_extend(&node->second, (size_t)count * 4, &place) != 0) return arrow_out_of_memory(node);
    for (int64_t i = 0; i < count; i++, place += 4) {
        int32_t offset = (int32_t)(from + i);
        memcpy(place, &offset, 4);
    }
    return 0;
}

static int encode_choice(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int child = arrow_union_child(node, array, at);
    int64_t row = arrow_union_row(node, array, child, at);
    if (repeat_code(node, child, count) != 0) return -1;
    if (node->kind == ARROW_SPARSE_UNION && null_children(node, child, count) != 0) return -1;
    if (node->kind == ARROW_DENSE_UNION && dense_offsets(node, child, count) != 0) return -1;
    return arrow_encode(node->children[child], array->children[child], row, count);
}

static int encode_union(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    int64_t end = at + count;
    for (int64_t run; at < end; at += run) {
        run = same_choice(node, array, at, end);
        if (encode_choice(node, array, at, run) != 0) return -1;
    }
    return 0;
}

/* Under a null a union chooses its first child. */
static int null_union(arrow_node *node, int64_t count) {
    if (node->n_children == 0)
        return arrow_fail(node->error, ARROW_INVALID, "a union without children has rows");
    if (repeat_code(node, 0, count) != 0) return -1;
    if (node->kind == ARROW_SPARSE_UNION) return null_children(node, -1, count);
    if (dense_offsets(node, 0, count) != 0) return -1;
    return arrow_encode_nulls(node->children[0], count);
}

/* --- runs --------------------------------------------------------------------------------------------------------- */

/* The last run, or a new one, now ends at row `end` of the block: 1 where it is a new one, whose value is due. */
static int run_until(arrow_node *node, arrow_digest value, int64_t end) {
    arrow_node *ends = node->children[0];
    if (end > (node->width == 2 ? INT16_MAX : node->width == 4 ? INT32_MAX : INT64_MAX))
        return arrow_fail(node->error, ARROW_TOO_LARGE, "one block holds more rows than its run ends can count");
    if (node->running && arrow_same_digest(node->last_value, value)) {
        memcpy(ends->first.owned + ends->first.length - node->width, &end, (size_t)node->width);
        return 0;
    }
    node->running = 1;
    node->last_value = value;
    ends->length++;
    return put_bytes(node, &ends->first, &end, (size_t)node->width) == 0 ? 1 : -1;
}

static int encode_runs(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    const struct ArrowArray *values = array->children[1];
    int64_t end = at + count, done = node->length;
    for (int64_t run = arrow_run_of(node, array, at); at < end; run++) {
        int64_t stop = arrow_run_end(node, array, run) < end ? arrow_run_end(node, array, run) : end;
        int64_t value = values->offset + run;
        done += stop - at;
        at = stop;
        int due = run_until(node, arrow_row_digest(node->children[1], values, value), done);
        if (due < 0 || (due && arrow_encode(node->children[1], values, value, 1) != 0)) return -1;
    }
    return 0;
}

static int null_run(arrow_node *node, int64_t count) {
    int due = run_until(node, arrow_null_digest(), node->length + count);
    return due > 0 ? arrow_encode_nulls(node->children[1], 1) : due;
}

/* ------------------------------------------------------------------------------------------------------------------ */

int arrow_encode_nested(arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count) {
    const struct ArrowArray *child = node->n_children > 0 ? array->children[0] : NULL;
    int64_t size = node->list_size;
    switch (node->kind) {
    case ARROW_LIST: return encode_list(node, array, at, count);
    case ARROW_LIST_VIEW: return encode_list_views(node, array, at, count);
    case ARROW_FIXED_LIST: return arrow_encode(node->children[0], child, child->offset + at * size, count * size);
    case ARROW_STRUCT: return encode_struct(node, array, at, count);
    case ARROW_RUN_END: return encode_runs(node, array, at, count);
    default: return encode_union(node, array, at, count);
    }
}

int arrow_encode_nested_nulls(arrow_node *node, int64_t count) {
    int64_t items;
    switch (node->kind) {
    case ARROW_LIST: return arrow_repeat_offset(node, node->children[0]->length, count);
    case ARROW_LIST_VIEW: return empty_list_views(node, count);
    case ARROW_FIXED_LIST:
        if (__builtin_mul_overflow(count, node->list_size, &items)) return arrow_out_of_memory(node);
        return arrow_encode_nulls(node->children[0], items);
    case ARROW_STRUCT: return null_children(node, -1, count);
    case ARROW_RUN_END: return null_run(node, count);
    default: return null_union(node, count);
    }
}
