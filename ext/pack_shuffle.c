/* See pack_shuffle.h. Blocks of values keep all the lines that are read and written in the cache. */
#include "pack_shuffle.h"

#include <string.h>

enum { BLOCK = 256 };

static inline void shuffle_block(const uint8_t *from, size_t count, size_t width, uint8_t *into, size_t stride) {
    for (size_t rank = 0; rank < width; rank++)
        for (size_t i = 0; i < count; i++) into[rank * stride + i] = from[i * width + rank];
}

static inline void unshuffle_block(const uint8_t *from, size_t count, size_t width, uint8_t *into, size_t stride) {
    for (size_t rank = 0; rank < width; rank++)
        for (size_t i = 0; i < count; i++) into[i * width + rank] = from[rank * stride + i];
}

static size_t block_at(size_t start, size_t count) { return count - start < BLOCK ? count - start : BLOCK; }

/* The usual widths as constants: the compiler unrolls and vectorises them. */
#define EACH_WIDTH(CALL)          \
    switch (width) {              \
        case 2: CALL(2); break;   \
        case 4: CALL(4); break;   \
        case 8: CALL(8); break;   \
        default: CALL(width);     \
    }

void pack_shuffle(const uint8_t *from, size_t length, size_t width, uint8_t *into) {
    size_t count = length / width;
    for (size_t start = 0; start < count; start += BLOCK) {
#define SHUFFLE(WIDTH) shuffle_block(from + start * width, block_at(start, count), WIDTH, into + start, count)
        EACH_WIDTH(SHUFFLE)
    }
    memcpy(into + count * width, from + count * width, length - count * width);
}

void pack_unshuffle(const uint8_t *from, size_t length, size_t width, uint8_t *into) {
    size_t count = length / width;
    for (size_t start = 0; start < count; start += BLOCK) {
#define UNSHUFFLE(WIDTH) unshuffle_block(from + start, block_at(start, count), WIDTH, into + start * width, count)
        EACH_WIDTH(UNSHUFFLE)
    }
    memcpy(into + count * width, from + count * width, length - count * width);
}
