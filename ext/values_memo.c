/* Open addressing with linear probing, at most half full. See values_memo.h. */
#include "values_memo.h"

#include <stdlib.h>

static size_t first_place(const values_memo *memo, PyObject *object) {
    uint64_t address = (uint64_t)(uintptr_t)object >> 4;           /* objects lie 16 bytes apart */
    return (size_t)((address * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (memo->capacity - 1);
}

static values_entry *place_of(const values_memo *memo, PyObject *object) {
    size_t at = first_place(memo, object);
    while (memo->places[at].object != NULL && memo->places[at].object != object) {
        at = (at + 1) & (memo->capacity - 1);
    }
    return &memo->places[at];
}

values_entry *values_memo_find(const values_memo *memo, PyObject *object) {
    if (memo->used == 0) return NULL;
    values_entry *entry = place_of(memo, object);
    return entry->object == NULL ? NULL : entry;
}

static int grow(values_memo *memo) {
    values_memo bigger = {NULL, memo->capacity == 0 ? 16 : memo->capacity * 2, memo->used};
    bigger.places = calloc(bigger.capacity, sizeof(values_entry));
    if (bigger.places == NULL) return -1;
    for (size_t i = 0; i < memo->capacity; i++) {
        PyObject *object = memo->places[i].object;
        if (object != NULL) *place_of(&bigger, object) = memo->places[i];
    }
    free(memo->places);
    *memo = bigger;
    return 0;
}

values_entry *values_memo_add(values_memo *memo, PyObject *object) {
    if (2 * memo->used >= memo->capacity && grow(memo) != 0) return NULL;
    values_entry *entry = place_of(memo, object);
    Py_INCREF(object);
    entry->object = object;
    entry->node = VALUES_DONE;
    memo->used++;
    return entry;
}

void values_memo_free(values_memo *memo) {
    values_memo old = *memo;
    *memo = (values_memo){NULL, 0, 0}; /* first: letting go of an object can run anything */
    for (size_t i = 0; i < old.capacity; i++) Py_XDECREF(old.places[i].object);
    free(old.places);
}
