/* Unifying dictionaries; see arrow_dictionary.h. An open-addressing table from (value, occurrence) to index. */
#include "arrow_dictionary.h"

#include <stdlib.h>

#include "arrow_row.h"
#include "arrow_validate.h"

typedef struct arrow_slot {
    arrow_digest key;
    int64_t index;       /* -1: the slot is free */
    uint32_t generation; /* of the last dictionary this value occurred in ... */
    int64_t occurrences; /* ... and how often so far (kept with occurrence 0) */
} slot;

static int out_of_memory(const arrow_dictionary *dictionary) {
    return arrow_fail(dictionary->column->error, ARROW_MEMORY, "memory is exhausted");
}

arrow_dictionary *arrow_dictionary_new(const struct ArrowSchema *schema, arrow_error *error) {
    arrow_dictionary *dictionary = calloc(1, sizeof *dictionary);
    if (dictionary == NULL) {
        arrow_fail(error, ARROW_MEMORY, "memory is exhausted");
        return NULL;
    }
    dictionary->column = arrow_column_new(schema, error);
    if (dictionary->column != NULL) return dictionary;
    arrow_dictionary_free(dictionary);
    return NULL;
}

void arrow_dictionary_free(arrow_dictionary *dictionary) {
    if (dictionary == NULL) return;
    arrow_column_free(dictionary->column);
    free(dictionary->slots);
    free(dictionary->map_memory);
    free(dictionary);
}

/* Where `key` is, or belongs. */
static slot *find(const arrow_dictionary *dictionary, arrow_digest key) {
    size_t mask = dictionary->n_slots - 1;
    size_t i = (size_t)key.low & mask;
    while (dictionary->slots[i].index >= 0 && !arrow_same_digest(dictionary->slots[i].key, key)) i = (i + 1) & mask;
    return &dictionary->slots[i];
}

static int grow(arrow_dictionary *dictionary) {
    if (2 * (dictionary->used + 1) <= dictionary->n_slots) return 0;
    slot *old = dictionary->slots;
    size_t count = dictionary->n_slots, more = count == 0 ? 64 : 2 * count;
    slot *slots = malloc(more * sizeof *slots);
    if (slots == NULL) return out_of_memory(dictionary);
    for (size_t i = 0; i < more; i++) slots[i].index = -1;
    dictionary->slots = slots;
    dictionary->n_slots = more;
    for (size_t i = 0; i < count; i++)
        if (old[i].index >= 0) *find(dictionary, old[i].key) = old[i];
    free(old);
    return 0;
}

/* The key of the n-th repetition of a value; odd constants, so that they do not meet other keys by design. */
static arrow_digest repetition(arrow_digest value, int64_t n) {
    uint64_t mixed = ((uint64_t)n + 1) * 0x9E3779B97F4A7C15u;
    return n == 0 ? value : (arrow_digest){value.low ^ mixed, value.high + (mixed ^ mixed >> 29) * 0xC2B2AE3D27D4EB4Fu};
}

static slot *insert(arrow_dictionary *dictionary, arrow_digest key) {
    if (grow(dictionary) != 0) return NULL;
    slot *place = find(dictionary, key);
    if (place->index >= 0) return place;
    *place = (slot){key, dictionary->count++, 0, 0};
    dictionary->used++;
    return place;
}

/* Index of an entry of the dictionary being taken; -1 where memory is exhausted. */
static int64_t index_of(arrow_dictionary *dictionary, arrow_digest value) {
    slot *first = insert(dictionary, value);
    if (first == NULL) return -1;
    if (first->generation != dictionary->generation) {
        first->generation = dictionary->generation;
        first->occurrences = 0;
    }
    int64_t n = first->occurrences++;
    if (n == 0) return first->index;
    slot *repeated = insert(dictionary, repetition(value, n));
    return repeated == NULL ? -1 : repeated->index;
}

static int map_room(arrow_dictionary *dictionary, int64_t length) {
    if (length <= dictionary->map_room) return 0;
    int64_t *memory = realloc(dictionary->map_memory, (size_t)length * sizeof *memory);
    if (memory == NULL) return out_of_memory(dictionary);
    dictionary->map_memory = memory;
    dictionary->map_room = length;
    return 0;
}

/* The entries are validated. */
static int append(arrow_dictionary *dictionary, const struct ArrowArray *values, int64_t from, int64_t count) {
    int64_t at = values->offset + from;
    return arrow_column_append(dictionary->column, values, at, count, at + count);
}

/* Entries that are new come in ranges: they are appended range by range. */
static int take_entries(arrow_dictionary *dictionary, struct ArrowArray *values) {
    int64_t fresh = 0; /* first entry of the range of new ones that ends here */
    int same = 1;
    for (int64_t i = 0; i < values->length; i++) {
        int64_t before = dictionary->count;
        arrow_digest value = arrow_row_digest(dictionary->column->node, values, values->offset + i);
        int64_t index = dictionary->map_memory[i] = index_of(dictionary, value);
        if (index < 0) return -1;
        same &= index == i;
        if (dictionary->count != before) continue;
        if (append(dictionary, values, fresh, i - fresh) != 0) return -1;
        fresh = i + 1;
    }
    dictionary->map = same ? NULL : dictionary->map_memory;
    return append(dictionary, values, fresh, values->length - fresh);
}

/* The very same buffers as last time, and no children that could differ. */
static int is_newest(const arrow_dictionary *dictionary, const struct ArrowArray *values) {
    const struct ArrowArray *newest = &dictionary->newest;
    if (newest->buffers == NULL || values->n_children > 0 || values->dictionary != NULL) return 0;
    if (newest->n_buffers != values->n_buffers || newest->length != values->length || newest->offset != values->offset)
        return 0;
    for (int64_t i = 0; i < values->n_buffers; i++)
        if (values->buffers[i] != newest->buffers[i]) return 0;
    return 1;
}

static void remember(arrow_dictionary *dictionary, const struct ArrowArray *values) {
    dictionary->newest.buffers = NULL;
    if (values->n_children > 0 || values->dictionary != NULL || values->n_buffers > 3) return;
    dictionary->newest = *values;
    dictionary->newest.buffers = dictionary->newest_buffers;
    for (int64_t i = 0; i < values->n_buffers; i++) dictionary->newest_buffers[i] = values->buffers[i];
}

int arrow_dictionary_take(arrow_dictionary *dictionary, struct ArrowArray *values) {
    if (is_newest(dictionary, values)) return 0;
    dictionary->generation++;
    if (map_room(dictionary, values->length) != 0 || take_entries(dictionary, values) != 0) return -1;
    remember(dictionary, values);
    return 0;
}

void arrow_read_like(arrow_node *node, const arrow_node *from) {
    for (int i = 0; i < node->n_children; i++) arrow_read_like(node->children[i], from == NULL ? NULL : from->children[i]);
    node->ends_width = from == NULL ? node->width : from->ends_width;
    if (node->dictionary != NULL) node->dictionary->map = from == NULL ? NULL : from->dictionary->map;
}
