/* Reading single values out of an ArrowArray. The array has been validated (arrow_validate.h). */
#ifndef MLOPS_ARROW_READ_H
#define MLOPS_ARROW_READ_H

#include <string.h>

#include "arrow_node.h"

/* NULL where no row of the array is null. */
static inline const uint8_t *arrow_validity(const arrow_node *node, const struct ArrowArray *array) {
    if (node->kind == ARROW_NULLS || node->kind >= ARROW_SPARSE_UNION) return NULL;
    return array->null_count == 0 ? NULL : array->buffers[0];
}

/* A signed integer of 2, 4 or 8 bytes; buffers need not be aligned. */
static inline int64_t arrow_integer(const void *values, int width, int64_t at) {
    const uint8_t *place = (const uint8_t *)values + at * width;
    int16_t two;
    int32_t four;
    int64_t eight;
    if (width == 4) return memcpy(&four, place, 4), four;
    if (width == 8) return memcpy(&eight, place, 8), eight;
    return memcpy(&two, place, 2), two;
}

/* Where the offset of row `at` lies. */
static inline const uint8_t *arrow_offsets_at(const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    return (const uint8_t *)array->buffers[1] + at * node->width;
}

static inline int64_t arrow_offset(const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    return arrow_integer(array->buffers[1], node->width, at);
}

/* Child of a row of a union. */
static inline int arrow_union_child(const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    return node->child_of[((const uint8_t *)array->buffers[0])[at]];
}

/* Row of the child, physical in it, that holds row `at` of a union. */
static inline int64_t arrow_union_row(const arrow_node *node, const struct ArrowArray *array, int child, int64_t at) {
    int64_t row = node->kind == ARROW_SPARSE_UNION ? at : arrow_integer(array->buffers[1], 4, at);
    return array->children[child]->offset + row;
}

/* Logical index into the dictionary. */
static inline int64_t arrow_index(const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    const uint8_t *place = (const uint8_t *)array->buffers[1] + at * node->width;
    uint64_t value = 0;
    memcpy(&value, place, (size_t)node->width); /* little-endian, as the whole format is */
    if (!node->is_signed || node->width == 8) return (int64_t)value;
    int unused = 64 - 8 * node->width;
    return (int64_t)(value << unused) >> unused;
}

/* Longest text kept inside the view itself. */
enum { ARROW_INLINE = 12, ARROW_VIEW_WIDTH = 16 };

typedef struct {
    int32_t length;
    char prefix[4];
    int32_t buffer;
    int32_t offset;
} arrow_view;

/* Length of row `at`, and in `bytes` where its text lies. */
static inline int32_t arrow_text_view(const struct ArrowArray *array, int64_t at, const uint8_t **bytes) {
    const uint8_t *place = (const uint8_t *)array->buffers[1] + at * ARROW_VIEW_WIDTH;
    arrow_view view;
    memcpy(&view, place, sizeof view);
    if (view.length <= ARROW_INLINE)
        *bytes = place + 4;
    else
        *bytes = (const uint8_t *)array->buffers[2 + view.buffer] + view.offset;
    return view.length;
}

/* Run ends hold logical positions of the array without its offset; `run` is logical in the children. */
static inline int64_t arrow_run_end(const arrow_node *node, const struct ArrowArray *array, int64_t run) {
    const struct ArrowArray *ends = array->children[0];
    return arrow_integer(ends->buffers[1], node->ends_width, ends->offset + run);
}

/* The run that position `at` lies in. */
static inline int64_t arrow_run_of(const arrow_node *node, const struct ArrowArray *array, int64_t at) {
    int64_t low = 0, high = array->children[0]->length;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (arrow_run_end(node, array, middle) > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

#endif
