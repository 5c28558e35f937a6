/* Bytes and bits of one pending cell: borrowed from the source while that is one contiguous range, owned otherwise. */
#ifndef MLOPS_ARROW_BUFFER_H
#define MLOPS_ARROW_BUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const uint8_t *bytes; /* what the buffer holds: `owned`, or memory of the source */
    size_t length;
    uint8_t *owned;
    size_t capacity;
} arrow_buffer;

/* All of these return 0, or -1 where memory is exhausted. */
int arrow_buffer_append(arrow_buffer *buffer, const void *source, size_t length); /* may borrow `source` */
int arrow_buffer_zeros(arrow_buffer *buffer, size_t length);
int arrow_buffer_extend(arrow_buffer *buffer, size_t length, uint8_t **place); /* owned room, not set to anything */
int arrow_buffer_own(arrow_buffer *buffer);                                    /* before the source goes away */
void arrow_buffer_clear(arrow_buffer *buffer);
void arrow_buffer_free(arrow_buffer *buffer);

/* Bit-packed, least significant bit first; bits after the last one are zero. */
typedef struct {
    arrow_buffer buffer;
    int64_t count;
} arrow_bits;

int arrow_bits_append(arrow_bits *bits, const uint8_t *source, int64_t at, int64_t count);
int arrow_bits_repeat(arrow_bits *bits, int value, int64_t count);
void arrow_bits_clear(arrow_bits *bits);

static inline int arrow_bit(const uint8_t *bits, int64_t at) { return (bits[at >> 3] >> (at & 7)) & 1; }

/* The bits [at, at + count), 1 to 64 of them, as a number. No byte is read that holds none of them. */
static inline uint64_t arrow_bits_word(const uint8_t *bits, int64_t at, int count) {
    const uint8_t *place = bits + (at >> 3);
    int shift = (int)(at & 7), bytes = (shift + count + 7) >> 3;
    uint64_t word = 0;
    if (bytes >= 8)
        memcpy(&word, place, 8); /* little-endian */
    else
        for (int i = 0; i < bytes; i++) word |= (uint64_t)place[i] << (8 * i);
    word >>= shift;
    if (bytes == 9) word |= (uint64_t)place[8] << (64 - shift);
    return count == 64 ? word : word & ((UINT64_C(1) << count) - 1);
}

/* The same, with a one for each null. */
static inline uint64_t arrow_bits_nulls(const uint8_t *validity, int64_t at, int count) {
    uint64_t valid = arrow_bits_word(validity, at, count);
    return count == 64 ? ~valid : valid ^ ((UINT64_C(1) << count) - 1);
}

/* Number of set bits in [at, at + count). */
int64_t arrow_bits_set(const uint8_t *bits, int64_t at, int64_t count);

/* How many bits from `at` on, up to `end`, equal the one at `at`. */
int64_t arrow_bits_run(const uint8_t *bits, int64_t at, int64_t end);

#endif
