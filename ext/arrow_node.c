/* Building the tree of a type, see arrow_node.h. */
#include "arrow_node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arrow_dictionary.h"
#include "arrow_format.h"
#include "arrow_weight.h"

/* Walking a type recurses on the C stack. */
#define MAX_DEPTH 100

int arrow_fail(arrow_error *error, arrow_status status, const char *format, ...) {
    va_list values;
    if (error->status != ARROW_OK) return -1;
    error->status = status;
    va_start(values, format);
    vsnprintf(error->message, sizeof error->message, format, values);
    va_end(values);
    return -1;
}

static int expected_children(const arrow_node *node) {
    switch (node->kind) {
    case ARROW_LIST:
    case ARROW_LIST_VIEW:
    case ARROW_FIXED_LIST: return 1;
    case ARROW_RUN_END: return 2;
    case ARROW_STRUCT:
    case ARROW_SPARSE_UNION:
    case ARROW_DENSE_UNION: return node->n_children;
    default: return 0;
    }
}

/* The children of run-end encoded data are its run ends (16, 32 or 64 bits, signed) and its values. */
static int check_run_ends(arrow_node *node, const struct ArrowSchema *schema) {
    const char *format = schema->children[0]->format;
    if (strcmp(format, "s") != 0 && strcmp(format, "i") != 0 && strcmp(format, "l") != 0)
        return arrow_fail(node->error, ARROW_INVALID, "run ends have the format '%.60s'", format);
    node->width = node->ends_width = node->children[0]->width;
    return 0;
}

static int add_dictionary(arrow_node *node, const struct ArrowSchema *schema) {
    if (strlen(schema->format) != 1 || strchr("cCsSiIlL", schema->format[0]) == NULL)
        return arrow_fail(node->error, ARROW_INVALID, "indices of a dictionary have the format '%.60s'", schema->format);
    node->dictionary = arrow_dictionary_new(schema->dictionary, node->error);
    node->dictionary_nodes = 1;
    return node->dictionary == NULL ? -1 : 0;
}

static arrow_node *build(const struct ArrowSchema *schema, arrow_error *error);

static int add_children(arrow_node *node, const struct ArrowSchema *schema) {
    for (int i = 0; i < node->n_children; i++) {
        node->children[i] = build(schema->children[i], node->error);
        if (node->children[i] == NULL) return -1;
        node->dictionary_nodes += node->children[i]->dictionary_nodes;
    }
    if (node->n_children != expected_children(node))
        return arrow_fail(node->error, ARROW_INVALID, "the type '%.60s' has %d children", schema->format, node->n_children);
    return node->kind == ARROW_RUN_END ? check_run_ends(node, schema) : 0;
}

static int points_anywhere(const arrow_node *node) {
    int found = node->kind == ARROW_LIST_VIEW || node->kind == ARROW_DENSE_UNION || node->kind == ARROW_RUN_END;
    for (int i = 0; i < node->n_children; i++) found |= node->children[i]->checked_whole;
    return found;
}

static int fill(arrow_node *node, const struct ArrowSchema *schema) {
    if (schema == NULL || schema->format == NULL || schema->release == NULL || schema->n_children < 0 ||
        schema->n_children > INT32_MAX)
        return arrow_fail(node->error, ARROW_INVALID, "a schema without format, or already released");
    if (node->error->depth > MAX_DEPTH)
        return arrow_fail(node->error, ARROW_UNSUPPORTED, "the type is nested deeper than %d levels", MAX_DEPTH);
    node->n_children = (int)schema->n_children;
    node->nullable = (schema->flags & ARROW_FLAG_NULLABLE) != 0;
    node->children = calloc((size_t)node->n_children + 1, sizeof *node->children);
    if (node->children == NULL) return arrow_fail(node->error, ARROW_MEMORY, "memory is exhausted");
    if (arrow_format_read(node, schema->format) != 0 || add_children(node, schema) != 0) return -1;
    if (schema->dictionary != NULL && add_dictionary(node, schema) != 0) return -1;
    arrow_weight_prepare(node);
    node->checked_whole = points_anywhere(node);
    return 0;
}

static arrow_node *build(const struct ArrowSchema *schema, arrow_error *error) {
    arrow_node *node = calloc(1, sizeof *node);
    if (node == NULL) {
        arrow_fail(error, ARROW_MEMORY, "memory is exhausted");
        return NULL;
    }
    node->error = error;
    error->depth++;
    int status = fill(node, schema);
    error->depth--;
    if (status == 0) return node;
    arrow_node_free(node);
    return NULL;
}

arrow_node *arrow_node_new(const struct ArrowSchema *schema, arrow_error *error) { return build(schema, error); }

void arrow_node_free(arrow_node *node) {
    if (node == NULL) return;
    for (int i = 0; node->children != NULL && i < node->n_children; i++) arrow_node_free(node->children[i]);
    free(node->children);
    arrow_dictionary_free(node->dictionary);
    arrow_buffer_free(&node->validity.buffer);
    arrow_buffer_free(&node->bits.buffer);
    arrow_buffer_free(&node->first);
    arrow_buffer_free(&node->second);
    free(node);
}

void arrow_node_clear(arrow_node *node) {
    for (int i = 0; i < node->n_children; i++) arrow_node_clear(node->children[i]);
    arrow_bits_clear(&node->validity);
    arrow_bits_clear(&node->bits);
    arrow_buffer_clear(&node->first);
    arrow_buffer_clear(&node->second);
    node->length = node->null_count = 0;
    node->running = 0;
}

int arrow_node_own(arrow_node *node) {
    for (int i = 0; i < node->n_children; i++)
        if (arrow_node_own(node->children[i]) != 0) return -1;
    if (arrow_buffer_own(&node->first) == 0 && arrow_buffer_own(&node->second) == 0) return 0;
    return arrow_fail(node->error, ARROW_MEMORY, "memory is exhausted");
}
