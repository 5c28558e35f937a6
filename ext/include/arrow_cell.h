/* A finished cell: header and canonical buffers, as docs/formats/arrow-cells.md describes them. */
#ifndef MLOPS_ARROW_CELL_H
#define MLOPS_ARROW_CELL_H

#include "arrow_column.h"

/* Describe the pending cell of a column as header and pieces. 0 or -1. */
int arrow_cell_pieces(arrow_column *column);

/* XXH3-128 (canonical byte order) and number of the bytes of the pieces. */
void arrow_cell_digest(const arrow_column *column, arrow_cell *cell);

/* XXH3-128 (canonical byte order) of bytes. */
void arrow_xxh3_128(const void *bytes, size_t length, uint8_t digest[ARROW_DIGEST_BYTES]);

#endif
