/* The parts of an ArrowArray against its type; see arrow_validate.h. */
#include "arrow_dictionary.h"
#include "arrow_read.h"
#include "arrow_validate.h"

static int wrong(const arrow_node *node, const char *what, int64_t found) {
    return arrow_fail(node->error, ARROW_INVALID, "%s (%lld)", what, (long long)found);
}

static int64_t expected_buffers(const arrow_node *node) {
    switch (node->kind) {
    case ARROW_NULLS:
    case ARROW_RUN_END: return 0;
    case ARROW_FIXED_LIST:
    case ARROW_STRUCT:
    case ARROW_SPARSE_UNION: return 1;
    case ARROW_BITS:
    case ARROW_FIXED:
    case ARROW_LIST:
    case ARROW_DENSE_UNION: return 2;
    default: return 3; /* views: at least */
    }
}

static int check_counts(const arrow_node *node, const struct ArrowArray *array) {
    int64_t expected = expected_buffers(node);
    if (array->length < 0 || array->offset < 0 || array->length > INT64_MAX / 2 || array->offset > INT64_MAX / 2)
        return wrong(node, "an array has an impossible length or offset", array->length);
    if (array->null_count < -1 || array->null_count > array->length)
        return wrong(node, "an array has an impossible number of nulls", array->null_count);
    if (array->n_children != node->n_children || (array->n_children > 0 && array->children == NULL))
        return wrong(node, "an array has another number of children than its type", array->n_children);
    if ((array->dictionary != NULL) != (node->dictionary != NULL))
        return wrong(node, "only one of an array and its type has a dictionary", array->dictionary != NULL);
    if (node->kind == ARROW_VIEW ? array->n_buffers < expected : array->n_buffers != expected)
        return wrong(node, "an array has another number of buffers than its type", array->n_buffers);
    if (expected > 0 && array->buffers == NULL) return wrong(node, "an array has no list of buffers", expected);
    return 0;
}

/* The buffers that views point into are there where they have a size. */
static int check_texts(const arrow_node *node, const struct ArrowArray *array) {
    const void *sizes = array->buffers[array->n_buffers - 1];
    if (node->kind != ARROW_VIEW || array->n_buffers == 3) return 0;
    if (sizes == NULL) return wrong(node, "views have no table of buffer sizes", array->length);
    for (int64_t i = 2; i < array->n_buffers - 1; i++)
        if (array->buffers[i] == NULL && arrow_integer(sizes, 8, i - 2) != 0)
            return wrong(node, "views lack a buffer", i - 2);
    return 0;
}

/* Buffers that rows of this kind cannot do without. */
static int check_buffers(const arrow_node *node, const struct ArrowArray *array) {
    int is_union = node->kind == ARROW_SPARSE_UNION || node->kind == ARROW_DENSE_UNION;
    int64_t count = expected_buffers(node);
    if (array->length == 0) return 0;
    if (!is_union && count > 0 && array->null_count > 0 && array->buffers[0] == NULL)
        return wrong(node, "an array with nulls has no validity bitmap", array->null_count);
    if (is_union && array->buffers[0] == NULL) return wrong(node, "a union has no type codes", array->length);
    if (count >= 2 && array->buffers[1] == NULL && !(node->kind == ARROW_FIXED && node->width == 0))
        return wrong(node, "an array has rows, but a buffer of it is missing", array->length);
    if (node->kind == ARROW_LIST_VIEW && array->buffers[2] == NULL)
        return wrong(node, "list views have no sizes", array->length);
    return check_texts(node, array);
}

int arrow_check_shape(const arrow_node *node, const struct ArrowArray *array) {
    if (array == NULL) return arrow_fail(node->error, ARROW_INVALID, "an array lacks a child");
    if (check_counts(node, array) != 0 || check_buffers(node, array) != 0) return -1;
    for (int i = 0; i < node->n_children; i++)
        if (arrow_check_shape(node->children[i], array->children[i]) != 0) return -1;
    if (node->dictionary == NULL) return 0;
    return arrow_check_shape(node->dictionary->column->node, array->dictionary);
}
