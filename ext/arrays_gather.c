/* See arrays_gather.h. */
#include "arrays_gather.h"

#include <string.h>

void arrays_simplify(arrays_source *source) {
    int kept = 0;
    for (int i = 0; i < source->dimensions; i++) {
        if (source->shape[i] == 1) continue;
        if (kept > 0 && source->strides[kept - 1] == source->shape[i] * source->strides[i]) {
            source->shape[kept - 1] *= source->shape[i];
            source->strides[kept - 1] = source->strides[i];
            continue;
        }
        source->shape[kept] = source->shape[i];
        source->strides[kept] = source->strides[i];
        kept++;
    }
    source->dimensions = kept;
}

/* Where the walk stands: the index of an item, and its address. */
typedef struct {
    int64_t index[ARRAYS_MAX_DIMENSIONS];
    const char *item;
} place;

static place place_of(const arrays_source *source, uint64_t number) {
    place at = {{0}, source->data};
    for (int i = source->dimensions - 1; i >= 0; i--) {
        at.index[i] = (int64_t)(number % (uint64_t)source->shape[i]);
        number /= (uint64_t)source->shape[i];
        at.item += at.index[i] * source->strides[i];
    }
    return at;
}

/* Step over `count` items of the last dimension, which has that many left. */
static void advance(const arrays_source *source, place *at, int64_t count) {
    int i = source->dimensions - 1;
    if (i < 0) return;
    at->index[i] += count;
    at->item += count * source->strides[i];
    for (; i > 0 && at->index[i] == source->shape[i]; i--) {
        at->item -= source->shape[i] * source->strides[i];
        at->index[i] = 0;
        at->index[i - 1]++;
        at->item += source->strides[i - 1];
    }
}

/* A constant size lets the compiler make one load and one store of each copy. */
#define COPY_EACH(SIZE)                                                                      \
    for (int64_t i = 0; i < count; i++, from += stride, into += (SIZE)) memcpy(into, from, (SIZE))

static void copy_items(char *into, const char *from, int64_t stride, int64_t count, size_t item) {
    if (stride == (int64_t)item) {
        memcpy(into, from, (size_t)count * item);
        return;
    }
    switch (item) {
    case 1: COPY_EACH(1); return;
    case 2: COPY_EACH(2); return;
    case 4: COPY_EACH(4); return;
    case 8: COPY_EACH(8); return;
    case 16: COPY_EACH(16); return;
    default: COPY_EACH(item); return;
    }
}

/* `into` holds the bytes of items from byte `first` of an item on. */
static void clear_holes(const arrays_source *source, size_t first, size_t length, char *into) {
    for (size_t i = 0; i < source->hole_count; i++) {
        size_t start = source->holes[i].start, end = start + source->holes[i].length;
        if (first >= end) start += source->item, end += source->item;
        for (; start < first + length; start += source->item, end += source->item) {
            size_t from = start > first ? start - first : 0;
            size_t to = end - first < length ? end - first : length;
            memset(into + from, 0, to - from);
        }
    }
}

void arrays_gather(const arrays_source *source, uint64_t start, size_t length, char *into) {
    const int last = source->dimensions - 1;
    const size_t item = source->item, skipped = (size_t)(start % item);
    place at = place_of(source, start / item);
    char *out = into;
    size_t left = length;
    if (skipped > 0) {
        size_t rest = item - skipped < left ? item - skipped : left;
        memcpy(out, at.item + skipped, rest);
        out += rest, left -= rest;
        advance(source, &at, 1);
    }
    while (left >= item) {
        int64_t stride = last < 0 ? (int64_t)item : source->strides[last];
        int64_t row = last < 0 ? 1 : source->shape[last] - at.index[last];
        int64_t count = (uint64_t)row > left / item ? (int64_t)(left / item) : row;
        copy_items(out, at.item, stride, count, item);
        out += (size_t)count * item, left -= (size_t)count * item;
        advance(source, &at, count);
    }
    if (left > 0) memcpy(out, at.item, left);
    clear_holes(source, skipped, length, into);
}
