# cython: autotestdict=False, auto_pickle=False
"""Cutting the content of files into cells where the content says so, so that inserted bytes move few cells."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t
from libc.stdlib cimport free, malloc


cdef extern from "cuts_gear.h" nogil:
    enum: CUTS_LEAST, CUTS_USUAL, CUTS_MOST
    void cuts_prepare()
    size_t cuts_first(const uint8_t *data, size_t length)


cdef extern from "xxh3.h" nogil:
    enum: XXH3_DIGEST_BYTES
    void xxh3_digest(const void *data, size_t length, uint8_t *digest)


cdef struct Cell:
    size_t end
    uint8_t digest[16]


cuts_prepare()

LEAST = CUTS_LEAST
USUAL = CUTS_USUAL
MOST = CUTS_MOST


cdef size_t _cut(const uint8_t *data, size_t length, bint last, Cell *cells) noexcept nogil:
    """Cut and hash what is certain: all of it, or as long as the longest cell is known. How many cells."""
    cdef size_t place = 0, count = 0
    while place < length and (last or length - place >= CUTS_MOST):
        cells[count].end = place + cuts_first(data + place, length - place)
        xxh3_digest(data + place, cells[count].end - place, cells[count].digest)
        place = cells[count].end
        count += 1
    return count


def cut(data, bint last, /):
    """``(end, digest)`` of each cell at the beginning of a C-contiguous buffer.

    Where it is not the ``last`` of a file, what is shorter than the longest cell is left for the next call,
    which must begin with it: the cuts are those of the file as a whole.
    """
    cdef Py_buffer view
    cdef size_t count, i
    cdef Cell *cells
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        cells = <Cell *>malloc((view.len // CUTS_LEAST + 2) * sizeof(Cell))
        if cells == NULL:
            raise MemoryError
        with nogil:
            count = _cut(<const uint8_t *>view.buf, view.len, last, cells)
        try:
            return [
                (cells[i].end, PyBytes_FromStringAndSize(<char *>cells[i].digest, XXH3_DIGEST_BYTES))
                for i in range(count)
            ]
        finally:
            free(cells)
    finally:
        PyBuffer_Release(&view)
