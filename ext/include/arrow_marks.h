/* A mark for every row, 64 bits of its value: what cuts are found by (arrow_cut.h).
 *
 * A mark depends on the value alone, and costs little: of long values it takes samples. Equal values have equal marks;
 * different ones may have equal marks, too, at the price of blocks that are cut less well. */
#ifndef MLOPS_ARROW_MARKS_H
#define MLOPS_ARROW_MARKS_H

#include "arrow_node.h"

#define ARROW_MARK_1 UINT64_C(0x9E3779B97F4A7C15)
#define ARROW_MARK_2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define ARROW_MARK_3 UINT64_C(0xD6E8FEB86659FD93)

static inline uint64_t arrow_mark_of(uint64_t word) {
    word *= ARROW_MARK_1;
    return word ^ word >> 32;
}

/* The marks of the validated rows [at, at + count). */
void arrow_marks(const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count, uint64_t *marks);

/* A look for the end of a block. */
typedef struct {
    uint64_t h;         /* of the rows so far, see arrow_cut.h */
    uint64_t greatest;  /* h so far ... */
    int64_t best;       /* ... and the number of rows of the block if it ends there */
    uint64_t threshold; /* the block ends at once where h is above */
} arrow_look;

/* Look at the validated rows [at, at + count), which follow the `taken` ones of the block. 1 where it ends behind one
 * of them, and `best` says behind which; 0 where the look goes on. */
int arrow_look_at(arrow_look *look, const arrow_node *node, const struct ArrowArray *array, int64_t at, int64_t count,
                  int64_t taken);

#endif
