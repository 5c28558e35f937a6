/* The loops over offsets and indices: one for each width, over numbers that need not be aligned, without a branch in
 * the row, so that the compiler makes vectors of them. */
#ifndef MLOPS_ARROW_OFFSETS_H
#define MLOPS_ARROW_OFFSETS_H

#include <stdint.h>

/* `width` is 4 or 8 bytes; offsets [0, count] are those of `count` rows. */

/* 0 where none is negative and none smaller than the one before. */
int arrow_offsets_wrong(const void *offsets, int width, int64_t count);

/* Write the ends of `count` rows, each moved by `shift`. */
void arrow_offsets_moved(void *into, const void *offsets, int width, int64_t count, int64_t shift);

/* Bytes or items that lie under nulls; `validity` is that of the rows, from bit `at` on. */
int64_t arrow_offsets_under_nulls(const void *offsets, int width, int64_t count, const uint8_t *validity, int64_t at);

/* Write the ends of `count` rows, where nulls are empty and the first row begins at `base`. */
void arrow_offsets_of_valid(void *into, const void *offsets, int width, int64_t count, int64_t base,
                            const uint8_t *validity, int64_t at);

/* 0 where each of `count` indices of 1, 2, 4 or 8 bytes is less than `entries` and none is negative. */
int arrow_indices_wrong(const void *indices, int width, int is_signed, int64_t count, int64_t entries);

/* Write for each of `count` indices what `map` says, in the same width. */
void arrow_indices_mapped(void *into, const void *indices, int width, int64_t count, const int64_t *map);

#endif
