# cython: autotestdict=False, auto_pickle=False
"""NumPy arrays as grids of cells: 1 MiB each of their bytes in C order, whatever their memory looks like."""

cimport cython
cimport numpy as cnp
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.exc cimport PyErr_CheckSignals
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc, realloc

import numpy

from mlops_core.engine import handed_out
from mlops_core.engine._hash import _pool
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


cdef extern from "arrays_cells.h" nogil:
    enum: ARRAYS_CELL_BYTES, ARRAYS_DIGEST_BYTES
    ctypedef struct arrays_batch:
        const arrays_source *source
        size_t nbytes
        size_t first
        uint8_t *digests
        char *gathered
        bint keeps
    size_t arrays_cell_length(const arrays_batch *batch, size_t index)
    void arrays_hash_cell(void *batch, size_t index, size_t lane) noexcept
    ctypedef struct arrays_piece:
        const char *data
        size_t length
        uint8_t digest[16]
    void arrays_hash_piece(void *pieces, size_t index, size_t lane) noexcept


cdef extern from "hash_pool.h" nogil:
    ctypedef struct hash_pool:
        void (*run)(void (*job)(void *, size_t, size_t) noexcept nogil, void *context, size_t count) noexcept nogil
        size_t (*lanes)() noexcept nogil
    enum: HASH_POOL_MOST
    const char *HASH_POOL_CAPSULE


CELL_BYTES = ARRAYS_CELL_BYTES

cdef const hash_pool *pool = <const hash_pool *>PyCapsule_GetPointer(_pool, HASH_POOL_CAPSULE)

# Cells hashed between two looks at pending signals. With a sink it is fewer: what was hashed is still in the
# processor's cache when the sink gets it, and gathered cells of a batch take memory.
cdef enum:
    BATCH = 1024
    FEW_PER_LANE = 2

# Below this many cells waking up the threads costs more than they save.
cdef enum: FEWEST = 4


@cython.final
cdef class ArrayGrid:
    """The cells of an array, in C order, and the digest over dtype, shape and cells."""

    cdef readonly bytes digest
    cdef readonly tuple cells
    cdef readonly Py_ssize_t nbytes
    cdef readonly str dtype
    cdef readonly tuple shape


cdef bytes _hash(const void *data, size_t length):
    """Of a short text that is at hand."""
    cdef bytes digest = PyBytes_FromStringAndSize(NULL, ARRAYS_DIGEST_BYTES)
    xxh3_digest(data, length, <uint8_t *>PyBytes_AS_STRING(digest))
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


@cython.final
cdef class _Cells:
    """The cells of one array, batch by batch: hashed by all threads, handed to the sink in order by this one."""

    cdef _Source source
    cdef arrays_batch batch
    cdef size_t count, most
    cdef char *room     # a cell for each lane
    cdef object sink
    cdef object bytes_  # what the sink gets slices of

    def __cinit__(self, _Source source, size_t nbytes, bint gathers, object sink):
        self.source, self.sink = source, sink
        self.count = (nbytes + ARRAYS_CELL_BYTES - 1) // ARRAYS_CELL_BYTES
        self.most = min(BATCH if sink is None else FEW_PER_LANE * pool.lanes(), self.count)
        self.batch.source, self.batch.nbytes, self.batch.keeps = &source.source, nbytes, sink is not None
        self.batch.digests = <uint8_t *>malloc(self.most * ARRAYS_DIGEST_BYTES)
        if self.batch.digests == NULL:
            raise MemoryError
        if gathers:
            self._make_room()
        elif sink is not None:
            self.bytes_ = memoryview(source.array.reshape(-1).view(numpy.uint8)).toreadonly()

    cdef int _make_room(self) except -1:
        """For the cells that the sink gets one of Python's own, since it may keep a view of them."""
        if self.sink is not None:
            room = bytearray(min(self.most * ARRAYS_CELL_BYTES, self.batch.nbytes))
            self.bytes_, self.batch.gathered = memoryview(room).toreadonly(), room
            return 0
        self.room = <char *>malloc(<size_t>HASH_POOL_MOST * ARRAYS_CELL_BYTES) # any lane may get any cell
        if self.room == NULL:
            raise MemoryError
        self.batch.gathered = self.room
        return 0

    def __dealloc__(self):
        free(self.batch.digests)
        free(self.room)

    cdef int _hash_batch(self, size_t count) except -1:
        cdef size_t index
        if self.batch.nbytes < XXH3_GIL_BYTES:
            arrays_hash_cell(&self.batch, 0, 0)
            return 0
        with nogil:
            if self.count >= FEWEST:
                pool.run(arrays_hash_cell, &self.batch, count)
            else:
                for index in range(count):
                    arrays_hash_cell(&self.batch, index, 0)
        return PyErr_CheckSignals()

    cdef int _hand_over(self, size_t index, bytes digest) except -1:
        cdef size_t start = (index if self.batch.gathered != NULL else self.batch.first + index) * ARRAYS_CELL_BYTES
        self.sink(digest, (self.bytes_[start:start + arrays_cell_length(&self.batch, index)],))
        return 0

    cdef list digests(self):
        cdef list digests = []
        cdef size_t index, count
        while self.batch.first < self.count:
            count = min(self.most, self.count - self.batch.first)
            self._hash_batch(count)
            for index in range(count):
                digest = PyBytes_FromStringAndSize(
                    <char *>self.batch.digests + index * ARRAYS_DIGEST_BYTES, ARRAYS_DIGEST_BYTES
                )
                digests.append(digest)
                if self.sink is not None:
                    self._hand_over(index, digest)
            self.batch.first += count
        return digests


cdef bytes _grid_digest(str dtype, tuple shape, list cells):
    cdef bytes text = dtype.encode()
    numbers = b"".join([number.to_bytes(8, "little") for number in (len(shape), *shape, len(cells))])
    image = b"".join([b"array/1\0", len(text).to_bytes(8, "little"), text, numbers, *cells])
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
    cdef list cells = []
    cdef bint gathers
    if array.nbytes > 0:
        gathers = holes or not array.flags.c_contiguous
        cells = _Cells(_Source(array, holes), array.nbytes, gathers, sink).digests()
    grid.dtype, grid.shape, grid.nbytes = dtype_text(array.dtype), array.shape, array.nbytes
    grid.cells = tuple(cells)
    grid.digest = _grid_digest(grid.dtype, grid.shape, cells)
    return grid


@cython.final
cdef class _Pieces:
    """The cells of many arrays that lie there as they are, hashed by all threads together."""

    cdef arrays_piece *pieces
    cdef size_t count, room, nbytes

    def __dealloc__(self):
        free(self.pieces)

    cdef int add(self, cnp.ndarray array) except -1:
        """Note the cells of a C-contiguous array, which must stay until they were hashed."""
        cdef size_t start, length = cnp.PyArray_NBYTES(array)
        cdef size_t needed = self.count + (length + ARRAYS_CELL_BYTES - 1) // ARRAYS_CELL_BYTES
        cdef void *grown
        if needed > self.room:
            self.room = max(needed, 2 * self.room)
            grown = realloc(self.pieces, self.room * sizeof(arrays_piece))
            if grown == NULL:
                raise MemoryError
            self.pieces = <arrays_piece *>grown
        for start in range(0, length, ARRAYS_CELL_BYTES):
            self.pieces[self.count].data = <const char *>cnp.PyArray_DATA(array) + start
            self.pieces[self.count].length = min(<size_t>ARRAYS_CELL_BYTES, length - start)
            self.count += 1
        self.nbytes += length
        return 0

    cdef int hash(self) except -1:
        cdef size_t start, index, count
        for start in range(0, self.count, BATCH):
            count = min(<size_t>BATCH, self.count - start)
            with nogil:
                if self.nbytes >= FEWEST * ARRAYS_CELL_BYTES:
                    pool.run(arrays_hash_piece, self.pieces + start, count)
                else:
                    for index in range(start, start + count):
                        arrays_hash_piece(self.pieces, index, 0)
            PyErr_CheckSignals()
        return 0

    cdef list digests(self, size_t start, size_t nbytes):
        """Those of the array whose first cell has the number ``start``."""
        cdef size_t index, end = start + (nbytes + ARRAYS_CELL_BYTES - 1) // ARRAYS_CELL_BYTES
        return [
            PyBytes_FromStringAndSize(<char *>self.pieces[index].digest, ARRAYS_DIGEST_BYTES)
            for index in range(start, end)
        ]


cdef bint _lies_ready(object array, dict texts):
    """Whether the cells of an exact array lie in memory as they are; notes the text of its dtype."""
    dtype = array.dtype
    if dtype not in texts:
        texts[dtype] = dtype_text(dtype) if is_plain(dtype) and dtype.isbuiltin == 1 else None
    return texts[dtype] is not None and array.flags.c_contiguous


def array_digests(list arrays):
    """The digest of each of many exact arrays, as ``array_grid`` gives it; None for what it would refuse.

    Many short arrays are hashed in parallel here, as the columns of a frame are.
    """
    cdef _Pieces pieces = _Pieces.__new__(_Pieces)
    cdef dict texts = {}
    cdef list starts = []
    cdef list digests = []
    for array in arrays:
        ready = type(array) is numpy.ndarray and _lies_ready(array, texts)
        starts.append(pieces.count if ready else None)
        if ready:
            pieces.add(array)
    pieces.hash()
    for array, start in zip(arrays, starts):
        if start is not None:
            cells = pieces.digests(start, array.nbytes)
            digests.append(_grid_digest(texts[array.dtype], array.shape, cells))
        else:
            digests.append(native_digest(array) if type(array) is numpy.ndarray else None)
    return digests


cdef object _owner(object array):
    """Whose memory an array over somebody's buffer shows; None where it is its own."""
    base = array.base
    while type(base) is numpy.ndarray:
        base = base.base
    return base.obj if type(base) is memoryview else base


cdef tuple _layout(object array):
    return <size_t>cnp.PyArray_DATA(<cnp.ndarray>array), dtype_text(array.dtype), array.shape, array.strides


def remember(array, bytes digest):
    """Note the digest of an exact array over memory of the store: it is not taken again while it lives there.

    Nothing is noted for an array over memory that can change.
    """
    owner = _owner(array)
    if owner is not None and not array.flags.writeable:
        handed_out.remember([owner], _layout(array), digest)


cdef bytes _recalled(object array):
    """The digest noted for what this array shows, if the memory behind it is the one that was noted."""
    if array.nbytes < XXH3_GIL_BYTES or array.base is None or array.flags.writeable:
        return None
    found = handed_out.recall(_layout(array))
    return found[0] if found is not None and found[1][0] is _owner(array) else None


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
        return _recalled(value) or array_grid(value).digest
    if type(value) is not dtype.type:
        return None
    image = b"scalar/1\0" + array_grid(_canonical_nan(numpy.asarray(value))).digest
    return _hash(PyBytes_AS_STRING(image), len(image))
