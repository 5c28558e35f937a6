/* See arrow_row.h. Of nested values every part says what it is and how long, so that nothing runs together. */
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
    arrow_text text;
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
        text = arrow_text_at(array, NULL, at);
        add_bytes(state, text.bytes, (int64_t)text.length);
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

/* Short values are their own digest. */
static arrow_digest short_value(const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    arrow_digest digest = {0, VALUE_TAG};
    memcpy(&digest.low, (const uint8_t *)array->buffers[1] + at * node->width, (size_t)node->width);
    return digest;
}

static arrow_digest text_value(const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    arrow_text text = {0};
    if (node->kind == ARROW_VIEW) {
        text = arrow_text_at(array, NULL, at);
    } else {
        int64_t from = arrow_offset(node, array, at);
        text.length = (uint64_t)(arrow_offset(node, array, at + 1) - from);
        if (text.length > 0) text.bytes = (const uint8_t *)array->buffers[2] + from;
    }
    XXH128_hash_t hash = XXH3_128bits(text.bytes, (size_t)text.length);
    return (arrow_digest){hash.low64, hash.high64};
}

arrow_digest arrow_row_digest(const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    xxh3_state state;
    const uint8_t *validity = arrow_validity(node, array);
    if (validity != NULL && !arrow_bit(validity, at)) return arrow_null_digest();
    if (node->kind == ARROW_FIXED && node->dictionary == NULL && node->width <= 8) return short_value(node, array, at);
    if (node->kind == ARROW_BINARY || node->kind == ARROW_VIEW) return text_value(node, array, at);
    xxh3_start(&state);
    add_row(&state, node, array, at);
    return finished(&state);
}

/* Of bytes that no value is likely to have. */
arrow_digest arrow_null_digest(void) {
    static const uint8_t TAG[16] = {NULL_TAG, 'u', 'l', 'l', 0xFF, 0xFE}; /* no text in UTF-8 */
    XXH128_hash_t hash = XXH3_128bits(TAG, sizeof TAG);
    return (arrow_digest){hash.low64, hash.high64};
}
