/* Digests of values that contain no other value. Called with the GIL. */
#ifndef MLOPS_VALUES_LEAF_H
#define MLOPS_VALUES_LEAF_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

static inline void values_put_u64(uint8_t *into, uint64_t number) {
    for (int i = 0; i < 8; i++) into[i] = (uint8_t)(number >> (8 * i));
}

/* 1: `digest` holds the digest of `value`; 0: not a leaf; -1: an exception is set.
 *
 * Leaves are, by exact type: None, Ellipsis, bool, int, float, complex, str, bytes, bytearray, range.
 */
int values_leaf(PyObject *value, uint8_t *digest);

#endif
