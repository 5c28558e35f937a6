/* Where two ranges of memory begin to differ. */
#ifndef MLOPS_MAP_COMPARE_H
#define MLOPS_MAP_COMPARE_H

#include <stddef.h>

/* How many of the first `length` bytes are the same. */
size_t map_common_bytes(const void *one, const void *other, size_t length);

#endif
