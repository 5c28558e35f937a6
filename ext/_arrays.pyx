# cython: autotestdict=False, auto_pickle=False
"""NumPy arrays as grids of cells: 1 MiB each of their bytes in C order, whatever their memory looks like."""

cimport cython
cimport numpy as cnp
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc

import numpy

from mlops_core.engine.dtypes import dtype_text, is_plain, padding

cnp.import_array()


cdef extern from "xxh3.h" nogil:
    enum: XXH3_GIL_BYTES
    void xxh3_digest(const void *data, size_t length, uint8_t *digest)


cdef extern from "arrays_gather.h" nogil:
    ctypedef struct arrays_range:
        size_t start
        size_t length
    ctypedef struct arrays_source:
        const char *data
        int dimensions
        int64_t *shape
        int64_t *strides
        size_t item
        const arrays_range *holes
        size_t hole_count
    void arrays_simplify(arrays_source *source)
    void arrays_gather(const arrays_source *source, uint64_t start, size_t length, char *into)


cdef enum: DIGEST = 16

CELL_BYTES = 1 << 20
cdef size_t CELL = CELL_BYTES


@cython.final
cdef class ArrayGrid:
    """The cells of an array, in C order, and the digest over dtype, shape and cells."""

    cdef readonly bytes digest
    cdef readonly tuple cells
    cdef readonly Py_ssize_t nbytes
    cdef readonly str dtype
    cdef readonly tuple shape


cdef bytes _hash(const void *data, size_t length):
    cdef bytes digest = PyBytes_FromStringAndSize(NULL, DIGEST)
    cdef uint8_t *place = <uint8_t *>PyBytes_AS_STRING(digest)
    if length < XXH3_GIL_BYTES:
        xxh3_digest(data, length, place)
    else:
        with nogil:
            xxh3_digest(data, length, place)
    return digest


@cython.final
cdef class _Source:
    """An array prepared for gathering."""

    cdef arrays_source source
    cdef arrays_range *holes
    cdef object array

    def __cinit__(self, cnp.ndarray array, list holes):
        cdef int i
        self.array = array
        self.holes = <arrays_range *>malloc((len(holes) + 1) * sizeof(arrays_range))
        if self.holes == NULL:
            raise MemoryError
        for i in range(len(holes)):
            self.holes[i].start, self.holes[i].length = holes[i]
        self.source.data = <const char *>cnp.PyArray_DATA(array)
        self.source.dimensions = cnp.PyArray_NDIM(array)
        for i in range(self.source.dimensions):
            self.source.shape[i] = cnp.PyArray_DIM(array, i)
            self.source.strides[i] = cnp.PyArray_STRIDE(array, i)
        self.source.item = array.itemsize
        self.source.holes, self.source.hole_count = self.holes, len(holes)
        arrays_simplify(&self.source)

    def __dealloc__(self):
        free(self.holes)


cdef list _contiguous_cells(cnp.ndarray array, object sink):
    """Hash the cells where they lie."""
    cdef const char *data = <const char *>cnp.PyArray_DATA(array)
    cdef size_t start, length, nbytes = array.nbytes
    cdef list cells = []
    view = memoryview(array.reshape(-1).view(numpy.uint8)).toreadonly() if sink is not None else None
    for start in range(0, nbytes, CELL):
        length = min(CELL, nbytes - start)
        digest = _hash(data + start, length)
        cells.append(digest)
        if sink is not None:
            sink(digest, (view[start:start + length],))
    return cells


cdef list _gathered_cells(cnp.ndarray array, list holes, object sink):
    """Gather one cell after the other into one buffer."""
    cdef _Source source = _Source(array, holes)
    cdef size_t start, length, nbytes = array.nbytes
    cdef bytearray buffer = bytearray(min(CELL, nbytes))
    cdef char *place = buffer
    cdef list cells = []
    view = memoryview(buffer).toreadonly()
    for start in range(0, nbytes, CELL):
        length = min(CELL, nbytes - start)
        with nogil:
            arrays_gather(&source.source, start, length, place)
        digest = _hash(place, length)
        cells.append(digest)
        if sink is not None:
            sink(digest, (view[:length],))
    return cells


cdef bytes _grid_digest(str dtype, tuple shape, list cells):
    cdef bytes text = dtype.encode()
    numbers = b"".join([number.to_bytes(8, "little") for number in (len(shape), *shape, len(cells))])
    image = b"".join([b"array/0\0", len(text).to_bytes(8, "little"), text, numbers, *cells])
    return _hash(PyBytes_AS_STRING(image), len(image))


def array_grid(array, sink=None):
    """The grid of a NumPy array of any strides and any dtype without objects.

    ``sink(digest, pieces)`` is called once for each cell, in order; the pieces, concatenated, are its bytes
    and hold them only during the call. Raises TypeError for other objects, for dtypes with objects or with
    strings stored elsewhere, and for subclasses of ``ndarray`` (they hold more than their bytes) other than
    ``memmap``.
    """
    if type(array) is not numpy.ndarray:
        if type(array) is not numpy.memmap:
            raise TypeError(f"a numpy.ndarray is expected, not {type(array).__name__}")
        array = numpy.asarray(array)
    if not is_plain(array.dtype):
        raise TypeError(f"items of dtype {array.dtype} are not plain bytes")
    holes = padding(array.dtype)
    cdef ArrayGrid grid = ArrayGrid.__new__(ArrayGrid)
    cdef list cells
    if array.nbytes == 0:
        cells = []
    elif not holes and array.flags.c_contiguous:
        cells = _contiguous_cells(array, sink)
    else:
        cells = _gathered_cells(array, holes, sink)
    grid.dtype, grid.shape, grid.nbytes = dtype_text(array.dtype), array.shape, array.nbytes
    grid.cells = tuple(cells)
    grid.digest = _grid_digest(grid.dtype, grid.shape, cells)
    return grid


cdef object _canonical_nan(object array):
    """A scalar's array with the one quiet NaN in place of any other."""
    if array.dtype.kind not in "fc":
        return array
    parts = numpy.array(array.reshape(1))
    numbers = parts.view(parts.real.dtype)
    numbers[numpy.isnan(numbers)] = numpy.nan
    return parts.reshape(())


def native_digest(value):
    """Digest of an exact array without objects, or of a NumPy scalar; None for whatever is more than that."""
    dtype = value.dtype
    if not is_plain(dtype) or dtype.metadata:
        return None
    if type(value) is numpy.ndarray:
        return array_grid(value).digest
    if type(value) is not dtype.type:
        return None
    image = b"scalar/0\0" + array_grid(_canonical_nan(numpy.asarray(value))).digest
    return _hash(PyBytes_AS_STRING(image), len(image))
