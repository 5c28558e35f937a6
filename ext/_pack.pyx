# cython: autotestdict=False, auto_pickle=False
"""Putting the bytes of fixed-width values in an order that compresses, and back."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t


cdef extern from "pack_shuffle.h" nogil:
    void pack_shuffle(const uint8_t *from_, size_t length, size_t width, uint8_t *into)
    void pack_unshuffle(const uint8_t *from_, size_t length, size_t width, uint8_t *into)


cdef bytes _ordered(object data, Py_ssize_t width, bint back):
    cdef Py_buffer view
    cdef bytes result
    cdef uint8_t *place
    if width < 1:
        raise ValueError(f"values of {width} bytes")
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        result = PyBytes_FromStringAndSize(NULL, view.len)
        place = <uint8_t *>PyBytes_AS_STRING(result)
        with nogil:
            if back:
                pack_unshuffle(<const uint8_t *>view.buf, view.len, width, place)
            else:
                pack_shuffle(<const uint8_t *>view.buf, view.len, width, place)
    finally:
        PyBuffer_Release(&view)
    return result


def shuffle(data, Py_ssize_t width, /):
    """The first bytes of all values of ``width`` bytes, then their second bytes, and so on.

    What is left behind the last whole value stays at the end. ValueError for a width below 1.
    """
    return _ordered(data, width, False)


def unshuffle(data, Py_ssize_t width, /):
    """The way back from ``shuffle``."""
    return _ordered(data, width, True)
