/* What a walk knows of the objects it has met, by identity. Holds each of them, so no address is used twice. */
#ifndef MLOPS_VALUES_MEMO_H
#define MLOPS_VALUES_MEMO_H

#include <Python.h>
#include <stdint.h>

#define VALUES_DONE (-1)

typedef struct {
    PyObject *object; /* NULL: a free place */
    int64_t node;     /* number of a node still open, or VALUES_DONE */
    uint8_t digest[16]; /* once done */
} values_entry;

/* All zero is an empty one. */
typedef struct {
    values_entry *places;
    size_t capacity; /* a power of two, or 0 */
    size_t used;
} values_memo;

/* NULL where the object was never added. The entry stays in place until the next add. */
values_entry *values_memo_find(const values_memo *memo, PyObject *object);

/* A new entry for an object that is not there yet; NULL where memory is exhausted. */
values_entry *values_memo_add(values_memo *memo, PyObject *object);

void values_memo_free(values_memo *memo);

#endif
