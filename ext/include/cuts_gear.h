/* Where the content of a file is cut: FastCDC (Xia et al., USENIX ATC 2016), normalised. */
#ifndef MLOPS_CUTS_GEAR_H
#define MLOPS_CUTS_GEAR_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of a cell: at least, about, at most. Changing any of them invalidates every user's cache. */
enum { CUTS_LEAST = 64 << 10, CUTS_USUAL = 256 << 10, CUTS_MOST = 1 << 20 };

/* Fills the table of random numbers; to be called once before all else. */
void cuts_prepare(void);

/* The length of the first cell of `data`, `length` bytes of which are known. Where fewer than CUTS_MOST are, and no
 * cut is found, it is `length`: with more known it may be another one. Needs no GIL. */
size_t cuts_first(const uint8_t *data, size_t length);

#endif
