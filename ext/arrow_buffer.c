/* See arrow_buffer.h. No byte outside the range asked for is read: sources may end exactly there. */
#include "arrow_buffer.h"

#include <stdlib.h>
#include <string.h>

/* Room that one huge row needed is given back. */
#define KEPT_CAPACITY ((size_t)16 << 20)

static int reserve(arrow_buffer *buffer, size_t needed) {
    if (needed <= buffer->capacity) return 0;
    size_t capacity = buffer->capacity < 64 ? 64 : buffer->capacity;
    while (capacity < needed) {
        if (capacity > SIZE_MAX / 2) return -1;
        capacity *= 2;
    }
    uint8_t *memory = realloc(buffer->owned, capacity);
    if (memory == NULL) return -1;
    if (buffer->bytes == buffer->owned) buffer->bytes = memory;
    buffer->owned = memory;
    buffer->capacity = capacity;
    return 0;
}

int arrow_buffer_own(arrow_buffer *buffer) {
    if (buffer->bytes == buffer->owned) return 0;
    if (reserve(buffer, buffer->length) != 0) return -1;
    if (buffer->length > 0) memcpy(buffer->owned, buffer->bytes, buffer->length);
    buffer->bytes = buffer->owned;
    return 0;
}

int arrow_buffer_extend(arrow_buffer *buffer, size_t length, uint8_t **place) {
    if (length > SIZE_MAX - buffer->length || reserve(buffer, buffer->length + length) != 0) return -1;
    if (arrow_buffer_own(buffer) != 0) return -1;
    *place = buffer->owned + buffer->length;
    buffer->length += length;
    return 0;
}

int arrow_buffer_append(arrow_buffer *buffer, const void *source, size_t length) {
    uint8_t *place;
    if (length == 0) return 0;
    if (buffer->length == 0) {
        buffer->bytes = source;
        buffer->length = length;
        return 0;
    }
    if (buffer->bytes != buffer->owned && buffer->bytes + buffer->length == source) {
        buffer->length += length; /* the next piece of the same memory */
        return 0;
    }
    if (arrow_buffer_extend(buffer, length, &place) != 0) return -1;
    memcpy(place, source, length);
    return 0;
}

int arrow_buffer_zeros(arrow_buffer *buffer, size_t length) {
    uint8_t *place;
    if (length == 0) return 0;
    if (arrow_buffer_extend(buffer, length, &place) != 0) return -1;
    memset(place, 0, length);
    return 0;
}

void arrow_buffer_clear(arrow_buffer *buffer) {
    if (buffer->capacity > KEPT_CAPACITY) {
        arrow_buffer_free(buffer);
        return;
    }
    buffer->bytes = buffer->owned;
    buffer->length = 0;
}

void arrow_buffer_free(arrow_buffer *buffer) {
    free(buffer->owned);
    *buffer = (arrow_buffer){0};
}

/* Room for `count` more bits, all zero; `bits->count` is not moved. */
static int more_bits(arrow_bits *bits, int64_t count) {
    size_t needed = (size_t)((bits->count + count + 7) / 8);
    return arrow_buffer_zeros(&bits->buffer, needed - bits->buffer.length);
}

/* Up to the next whole byte of the target, then 64 bits at a time. */
int arrow_bits_append(arrow_bits *bits, const uint8_t *source, int64_t at, int64_t count) {
    if (more_bits(bits, count) != 0) return -1;
    int64_t end = bits->count + count;
    while (bits->count < end) {
        int shift = (int)(bits->count & 7);
        int room = shift == 0 ? 64 : 8 - shift;
        int step = end - bits->count < room ? (int)(end - bits->count) : room;
        uint8_t *target = bits->buffer.owned + (bits->count >> 3);
        uint64_t word = arrow_bits_word(source, at, step) << shift;
        if (step == 64)
            memcpy(target, &word, 8);
        else
            for (int i = 0; 8 * i < shift + step; i++) target[i] |= (uint8_t)(word >> (8 * i));
        bits->count += step;
        at += step;
    }
    return 0;
}

int arrow_bits_repeat(arrow_bits *bits, int value, int64_t count) {
    if (more_bits(bits, count) != 0) return -1;
    uint8_t *target = bits->buffer.owned;
    while (value && count > 0) {
        int shift = (int)(bits->count & 7);
        int step = count < 8 - shift ? (int)count : 8 - shift;
        target[bits->count >> 3] |= (uint8_t)(((1u << step) - 1) << shift);
        bits->count += step;
        count -= step;
    }
    bits->count += count;
    return 0;
}

void arrow_bits_clear(arrow_bits *bits) {
    arrow_buffer_clear(&bits->buffer);
    bits->count = 0;
}

int64_t arrow_bits_set(const uint8_t *bits, int64_t at, int64_t count) {
    int64_t end = at + count, set = 0;
    while (at < end && (at & 7) != 0) set += arrow_bit(bits, at++);
    for (; end - at >= 64; at += 64) {
        uint64_t word;
        memcpy(&word, bits + (at >> 3), sizeof word);
        set += __builtin_popcountll(word);
    }
    while (at < end) set += arrow_bit(bits, at++);
    return set;
}

int64_t arrow_bits_run(const uint8_t *bits, int64_t at, int64_t end) {
    int64_t start = at;
    int value = arrow_bit(bits, at);
    uint8_t whole = value ? 0xFF : 0;
    while (at < end && (at & 7) != 0 && arrow_bit(bits, at) == value) at++;
    if ((at & 7) != 0) return at - start;
    while (end - at >= 8 && bits[at >> 3] == whole) at += 8;
    while (at < end && arrow_bit(bits, at) == value) at++;
    return at - start;
}
