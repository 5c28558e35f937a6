/* One contiguous range of memory over extents of several files. */
#ifndef MLOPS_MAP_STITCH_H
#define MLOPS_MAP_STITCH_H

#include <stddef.h>
#include <stdint.h>

/* `length` bytes of the open file `fd` from byte `offset` on. */
typedef struct {
    int fd;
    int64_t offset;
    int64_t length;
} map_extent;

typedef struct {
    void *address;   /* first byte; NULL only when the range is empty */
    size_t reserved; /* bytes to unmap: whole pages */
    size_t runs;     /* file mappings made, 0 when the bytes were copied */
    int copied;      /* the bytes were read into anonymous memory instead of mapped */
    size_t failed;   /* on error: index of the extent in question */
} map_range;

enum { MAP_TOO_SHORT = -1 }; /* an extent reaches beyond the end of its file */

size_t map_page_size(void);

/* Fill `range`; 0, an errno value, or MAP_TOO_SHORT. Needs no GIL. The total length must fit ssize_t. */
int map_stitch(const map_extent *extents, size_t count, int writable, map_range *range);

void map_release(map_range *range);

#endif
