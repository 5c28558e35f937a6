/* Bytes of fixed-width values by rank: all first bytes, then all second ones, ... */
#ifndef MLOPS_PACK_SHUFFLE_H
#define MLOPS_PACK_SHUFFLE_H

#include <stddef.h>
#include <stdint.h>

/* `length` bytes of values of `width` bytes; what is left behind the last whole value stays at the end. */
void pack_shuffle(const uint8_t *from, size_t length, size_t width, uint8_t *into);

/* The way back. */
void pack_unshuffle(const uint8_t *from, size_t length, size_t width, uint8_t *into);

#endif
