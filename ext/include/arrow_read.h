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

/* The text of one view. A null is an empty one: what its view says is not followed. */
typedef struct {
    uint64_t low, high; /* the view itself */
    const uint8_t *bytes;
    uint64_t length;
    uint64_t is_long; /* all bits where the text lies in a buffer, none where it lies in the view */
} arrow_text;

/* Without a branch: texts of mixed lengths would mispredict half of them. */
static inline arrow_text arrow_text_at(const struct ArrowArray *array, const uint8_t *validity, int64_t at) {
    const uint8_t *place = (const uint8_t *)array->buffers[1] + at * ARROW_VIEW_WIDTH;
    uint64_t valid = validity == NULL ? ~UINT64_C(0) : 0 - (uint64_t)arrow_bit(validity, at);
    arrow_text text;
    memcpy(&text.low, place, 8); /* little-endian */
    memcpy(&text.high, place + 8, 8);
    text.low &= valid;
    text.high &= valid;
    text.length = text.low & UINT32_MAX;
    text.is_long = (uint64_t)((int64_t)(ARROW_INLINE - text.length) >> 63);
    uint64_t buffer = text.high & UINT32_MAX & text.is_long, inside = (uint64_t)(uintptr_t)(place + 4);
    uint64_t outside = (uint64_t)(uintptr_t)array->buffers[2 + buffer] + (text.high >> 32);
    text.bytes = (const uint8_t *)(uintptr_t)((outside & text.is_long) | (inside & ~text.is_long));
    return text;
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
