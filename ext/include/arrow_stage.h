/* Rows that came in and are not in a block yet, in the canonical layout: of small arrays, or left over from a large one
 * because where their block ends depends on rows to come. */
#ifndef MLOPS_ARROW_STAGE_H
#define MLOPS_ARROW_STAGE_H

#include "arrow_node.h"

struct arrow_view_of;

typedef struct arrow_stage {
    arrow_node *node; /* the rows; its dictionaries map nothing: indices are those of the unified dictionary */
    int64_t weight;   /* of the rows, see arrow_weight.h */
    /* private */
    const struct ArrowSchema *schema;
    arrow_node *kept;
    struct arrow_view_of *view;
} arrow_stage;

/* NULL with `error` set. */
arrow_stage *arrow_stage_new(const struct ArrowSchema *schema, arrow_error *error);
void arrow_stage_free(arrow_stage *stage);

/* Append validated rows, whose indices `reader` maps. They may stay borrowed: call arrow_node_own before the array goes.
 * 0 or -1. */
int arrow_stage_put(arrow_stage *stage, const arrow_node *reader, const struct ArrowArray *array, int64_t at,
                    int64_t count);

/* The rows as an array, valid until they change; NULL with the error set. */
const struct ArrowArray *arrow_stage_rows(arrow_stage *stage);

/* Forget the rows before `at`. 0 or -1. */
int arrow_stage_drop(arrow_stage *stage, int64_t at);

#endif
