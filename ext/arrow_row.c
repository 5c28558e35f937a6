/* See arrow_row.h. One XXH3-128 state per row; every part says what it is and how long, so that nothing runs together. */
#include "arrow_row.h"

#include "arrow_dictionary.h"
#include "arrow_read.h"
#include "xxh3.h"

enum { NULL_TAG = 'n', VALUE_TAG = 'v' };

static void add_row(xxh3_state *state, const arrow_node *node, const struct ArrowArray *array, int64_t at);

static void add_number(xxh3_state *state, int64_t number) { xxh3_feed(state, &number, sizeof number); }

static void add_rows(xxh3_state *state, const arrow_node *node, const struct ArrowArray *array, int child, int64_t from,
                     int64_t count) {
    const struct ArrowArray *rows = array->children[child];
    add_number(state, count);
    for (int64_t i = 0; i < count; i++) add_row(state, node->children[child], rows, rows->offset + from + i);
}

static void add_bytes(xxh3_state *state, const void *bytes, int64_t length) {
    add_number(state, length);
    if (length > 0) xxh3_feed(state, bytes, (size_t)length);
}

static void add_fixed(xxh3_state *state, const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    if (node->dictionary != NULL) {
        int64_t index = arrow_index(node, array, at);
        add_number(state, node->dictionary->map == NULL ? index : node->dictionary->map[index]);
        return;
    }
    if (node->width > 0)
        xxh3_feed(state, (const uint8_t *)array->buffers[1] + at * node->width, (size_t)node->width);
}

static void add_union(xxh3_state *state, const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    int child = arrow_union_child(node, array, at);
    add_number(state, node->codes[child]);
    add_row(state, node->children[child], array->children[child], arrow_union_row(node, array, child, at));
}

static void add_struct(xxh3_state *state, const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    for (int i = 0; i < node->n_children; i++)
        add_row(state, node->children[i], array->children[i], array->children[i]->offset + at);
}

static void add_value(xxh3_state *state, const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    const uint8_t *bytes;
    int64_t from, length;
    switch (node->kind) {
    case ARROW_NULLS: break;
    case ARROW_BITS: add_number(state, arrow_bit(array->buffers[1], at)); break;
    case ARROW_FIXED: add_fixed(state, node, array, at); break;
    case ARROW_BINARY:
        from = arrow_offset(node, array, at);
        length = arrow_offset(node, array, at + 1) - from;
        add_bytes(state, length > 0 ? (const uint8_t *)array->buffers[2] + from : NULL, length);
        break;
    case ARROW_VIEW:
        length = arrow_text_view(array, at, &bytes);
        add_bytes(state, bytes, length);
        break;
    case ARROW_LIST:
        from = arrow_offset(node, array, at);
        add_rows(state, node, array, 0, from, arrow_offset(node, array, at + 1) - from);
        break;
    case ARROW_LIST_VIEW:
        add_rows(state, node, array, 0, arrow_offset(node, array, at), arrow_integer(array->buffers[2], node->width, at));
        break;
    case ARROW_FIXED_LIST: add_rows(state, node, array, 0, at * node->list_size, node->list_size); break;
    case ARROW_STRUCT: add_struct(state, node, array, at); break;
    case ARROW_SPARSE_UNION:
    case ARROW_DENSE_UNION: add_union(state, node, array, at); break;
    case ARROW_RUN_END:
        from = array->children[1]->offset + arrow_run_of(node, array, at);
        add_row(state, node->children[1], array->children[1], from);
        break;
    }
}

/* A null of any type is the tag alone; an index whose entry is null is a value that is null. */
static void add_row(xxh3_state *state, const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    const uint8_t *validity = arrow_validity(node, array);
    int is_null = node->kind == ARROW_NULLS || (validity != NULL && !arrow_bit(validity, at));
    uint8_t tag = is_null ? NULL_TAG : VALUE_TAG;
    xxh3_feed(state, &tag, 1);
    if (!is_null) add_value(state, node, array, at);
}

static arrow_digest finished(const xxh3_state *state) {
    XXH128_hash_t hash = XXH3_128bits_digest(state);
    return (arrow_digest){hash.low64, hash.high64};
}

arrow_digest arrow_row_digest(const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    xxh3_state state;
    xxh3_start(&state);
    add_row(&state, node, array, at);
    return finished(&state);
}

arrow_digest arrow_null_digest(void) {
    xxh3_state state;
    uint8_t tag = NULL_TAG;
    xxh3_start(&state);
    xxh3_feed(&state, &tag, 1);
    return finished(&state);
}
