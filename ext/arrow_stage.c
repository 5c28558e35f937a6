/* See arrow_stage.h. */
#include "arrow_stage.h"

#include <stdlib.h>

#include "arrow_dictionary.h"
#include "arrow_encode.h"
#include "arrow_weight.h"

/* Encoded rows of a node, and all below it, as an array: the canonical layout is one of Arrow's. */
typedef struct arrow_view_of {
    struct ArrowArray array;
    const void *buffers[4];
    int64_t text_bytes; /* views: the table of buffer sizes */
    struct arrow_view_of *children;
    struct ArrowArray **child_arrays;
} view;

static void free_view(view *v, int n_children) {
    for (int i = 0; v->children != NULL && i < n_children; i++)
        free_view(&v->children[i], (int)v->children[i].array.n_children);
    free(v->children);
    free(v->child_arrays);
}

static int make_view(view *v, const arrow_node *node) {
    v->array.n_children = node->n_children;
    v->children = calloc((size_t)node->n_children + 1, sizeof *v->children);
    v->child_arrays = calloc((size_t)node->n_children + 1, sizeof *v->child_arrays);
    if (v->children == NULL || v->child_arrays == NULL) return -1;
    v->array.buffers = v->buffers;
    v->array.children = v->child_arrays;
    for (int i = 0; i < node->n_children; i++) {
        v->child_arrays[i] = &v->children[i].array;
        if (make_view(&v->children[i], node->children[i]) != 0) return -1;
    }
    return 0;
}

/* Lists without any row still have their first offset. */
static const void *offsets_of(const arrow_node *node) {
    static const int64_t NOTHING = 0;
    return node->first.length > 0 ? (const void *)node->first.bytes : &NOTHING;
}

static int64_t set_buffers(view *v, const arrow_node *node) {
    const void **buffers = v->buffers;
    buffers[0] = node->null_count > 0 ? node->validity.buffer.bytes : NULL;
    buffers[1] = node->first.bytes;
    buffers[2] = node->second.bytes;
    switch (node->kind) {
    case ARROW_NULLS:
    case ARROW_RUN_END: return 0;
    case ARROW_BITS: buffers[1] = node->bits.buffer.bytes; return 2;
    case ARROW_FIXED: return 2;
    case ARROW_LIST: buffers[1] = offsets_of(node); return 2;
    case ARROW_BINARY: buffers[1] = offsets_of(node); return 3;
    case ARROW_LIST_VIEW: return 3;
    case ARROW_FIXED_LIST:
    case ARROW_STRUCT: return 1;
    case ARROW_SPARSE_UNION: buffers[0] = node->first.bytes; return 1;
    case ARROW_DENSE_UNION: buffers[0] = node->first.bytes, buffers[1] = node->second.bytes; return 2;
    case ARROW_VIEW: v->text_bytes = (int64_t)node->second.length, buffers[3] = &v->text_bytes; return 4;
    }
    return 0;
}

static void fill_view(view *v, const arrow_node *node) {
    v->array.length = node->length;
    v->array.null_count = node->kind == ARROW_NULLS ? node->length : node->null_count;
    v->array.n_buffers = set_buffers(v, node);
    for (int i = 0; i < node->n_children; i++) fill_view(&v->children[i], node->children[i]);
}

/* There are more rows here than in a block: 16-bit run ends could not count them. */
static void widen(arrow_node *node) {
    for (int i = 0; i < node->n_children; i++) widen(node->children[i]);
    if (node->kind == ARROW_RUN_END) node->width = node->ends_width = node->children[0]->width = 8;
}

arrow_stage *arrow_stage_new(const struct ArrowSchema *schema, arrow_error *error) {
    arrow_stage *stage = calloc(1, sizeof *stage);
    if (stage != NULL) {
        stage->schema = schema;
        stage->node = arrow_node_new(schema, error);
        stage->view = calloc(1, sizeof *stage->view);
        if (stage->node != NULL && stage->view != NULL && make_view(stage->view, stage->node) == 0) {
            widen(stage->node);
            return stage;
        }
        arrow_stage_free(stage);
    }
    arrow_fail(error, ARROW_MEMORY, "memory is exhausted");
    return NULL;
}

void arrow_stage_free(arrow_stage *stage) {
    if (stage == NULL) return;
    if (stage->view != NULL && stage->node != NULL) free_view(stage->view, stage->node->n_children);
    free(stage->view);
    arrow_node_free(stage->node);
    arrow_node_free(stage->kept);
    free(stage);
}

int arrow_stage_put(arrow_stage *stage, const arrow_node *reader, const struct ArrowArray *array, int64_t at,
                    int64_t count) {
    arrow_read_like(stage->node, reader);
    int status = arrow_encode(stage->node, array, at, count);
    arrow_read_like(stage->node, NULL);
    if (status == 0) stage->weight += arrow_weight(reader, array, at, count);
    return status;
}

const struct ArrowArray *arrow_stage_rows(arrow_stage *stage) {
    fill_view(stage->view, stage->node);
    return &stage->view->array;
}

/* The other node is there once it is needed: most columns are small. */
static arrow_node *other(arrow_stage *stage) {
    if (stage->kept != NULL) return stage->kept;
    stage->kept = arrow_node_new(stage->schema, stage->node->error);
    if (stage->kept != NULL) widen(stage->kept);
    return stage->kept;
}

/* They go through the other node, which stays small: memory that is touched anew costs more than the copy. */
int arrow_stage_drop(arrow_stage *stage, int64_t at) {
    arrow_node *node = stage->node, *kept;
    int64_t count = node->length - at;
    if (at == 0) return 0;
    if (count == 0) {
        arrow_node_clear(node);
        stage->weight = 0;
        return 0;
    }
    const struct ArrowArray *rows = arrow_stage_rows(stage);
    stage->weight = arrow_weight(node, rows, at, count);
    if ((kept = other(stage)) == NULL) return -1;
    if (arrow_encode(kept, rows, at, count) != 0 || arrow_node_own(kept) != 0) return -1;
    arrow_node_clear(node);
    fill_view(stage->view, kept);
    if (arrow_encode(node, rows, 0, count) != 0 || arrow_node_own(node) != 0) return -1;
    arrow_node_clear(kept);
    return 0;
}
