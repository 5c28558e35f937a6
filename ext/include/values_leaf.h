/* Digests of values that contain no other value. Called with the GIL. */
#ifndef MLOPS_VALUES_LEAF_H
#define MLOPS_VALUES_LEAF_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

#define VALUES_LONG 4096

static inline void values_put_u64(uint8_t *into, uint64_t number) {
    for (int i = 0; i < 8; i++) into[i] = (uint8_t)(number >> (8 * i));
}

/* 1: `digest` holds the digest of `value`; 0: not a leaf; -1: an exception is set.
 *
 * Leaves are, by exact type: None, Ellipsis, bool, int, float, complex, str, bytes, bytearray, range.
 */
int values_leaf(PyObject *value, uint8_t *digest);

/* Whether it pays to remember the digest of this leaf: hashing it again takes longer than looking it up. */
static inline int values_is_long(PyObject *value) {
    PyTypeObject *type = Py_TYPE(value);
    if (type == &PyUnicode_Type) return PyUnicode_GET_LENGTH(value) > VALUES_LONG;
    return (type == &PyBytes_Type || type == &PyByteArray_Type) && Py_SIZE(value) > VALUES_LONG;
}

#endif
