/* Any run of the C-order bytes of a strided array, without copying the whole of it. Needs no GIL. */
#ifndef MLOPS_ARRAYS_GATHER_H
#define MLOPS_ARRAYS_GATHER_H

#include <stddef.h>
#include <stdint.h>

#define ARRAYS_MAX_DIMENSIONS 64 /* NumPy's own limit */

typedef struct {
    size_t start;
    size_t length;
} arrays_range;

typedef struct {
    const char *data; /* of the first item */
    int dimensions;
    int64_t shape[ARRAYS_MAX_DIMENSIONS];
    int64_t strides[ARRAYS_MAX_DIMENSIONS]; /* in bytes */
    size_t item;                            /* bytes of an item, more than 0 */
    const arrays_range *holes;              /* of an item: written as zeros */
    size_t hole_count;
} arrays_source;

/* Drop dimensions of length 1 and join those that step like one: fewer, longer inner loops. */
void arrays_simplify(arrays_source *source);

/* Write `length` bytes of the C-order bytes, from the byte `start` on; both must lie in the array. */
void arrays_gather(const arrays_source *source, uint64_t start, size_t length, char *into);

#endif
