# cython: autotestdict=False, auto_pickle=False
"""Contiguous memory over extents of files: read-only, or private copy-on-write."""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_FillInfo, PyBuffer_Release, PyObject_GetBuffer
from libc.errno cimport EBADF
from libc.stdint cimport int64_t
from libc.stdlib cimport free, malloc
from libc.string cimport strerror

from mlops_core.errors import DamagedState


cdef extern from "map_stitch.h" nogil:
    ctypedef struct map_extent:
        int fd
        int64_t offset
        int64_t length

    ctypedef struct map_range:
        void *address
        size_t reserved
        size_t runs
        int copied
        size_t failed

    enum: MAP_TOO_SHORT

    size_t map_page_size()
    int map_stitch(const map_extent *extents, size_t count, int writable, map_range *range_)
    void map_release(map_range *range_)

cdef extern from "map_compare.h" nogil:
    size_t map_common_bytes(const void *one, const void *other, size_t length)


cdef char EMPTY = 0


cdef class Mapping:
    """One contiguous range of bytes (buffer protocol), unmapped when its last view is gone."""

    cdef map_range _range
    cdef readonly Py_ssize_t nbytes
    cdef readonly bint writable
    cdef object __weakref__

    def __dealloc__(self):
        map_release(&self._range)

    def __getbuffer__(self, Py_buffer *view, int flags):
        cdef void *address = self._range.address if self._range.address != NULL else <void *>&EMPTY
        PyBuffer_FillInfo(view, self, address, self.nbytes, not self.writable, flags)

    def __buffer__(self, int flags, /):
        """What PEP 688 calls the buffer protocol, under its name on every Python."""
        return memoryview(self)

    def __len__(self):
        return self.nbytes

    @property
    def copied(self):
        return bool(self._range.copied)

    @property
    def runs(self):
        return self._range.runs


cdef int64_t _read_extents(list extents, map_extent *into) except -1:
    """Copy the extents into C; their total length in bytes."""
    cdef Py_ssize_t i
    cdef int64_t total = 0
    for i in range(len(extents)):
        into[i].fd, into[i].offset, into[i].length = extents[i]
        if into[i].offset < 0 or into[i].length < 0:
            raise ValueError(f"extent {i}: offset {into[i].offset} and length {into[i].length} must not be negative")
        if into[i].length > <int64_t>0x7FFF_FFFF_FFFF_0000 - total:
            raise ValueError(f"extent {i}: the extents together are longer than an address can tell")
        total += into[i].length
    return total


def stitch(extents, writable=False):
    """Map extents ``(fd, offset, length)``, in bytes, one after another into one range of memory.

    Raises DamagedState (attribute ``extent``, its index) where an extent reaches beyond the end of its
    file, ValueError for negative numbers, OSError where the system refuses. The files may be closed
    afterwards. They must not be cut short while the mapping lives: reading a page that is gone kills the
    process.
    """
    cdef list rows = [extent for extent in extents if extent[2] != 0]
    cdef size_t count = len(rows)
    cdef bint private = writable
    cdef int error
    cdef Mapping mapping = Mapping.__new__(Mapping)
    cdef map_extent *table = <map_extent *>malloc((count + 1) * sizeof(map_extent))
    if table == NULL:
        raise MemoryError
    try:
        mapping.nbytes = _read_extents(rows, table)
        mapping.writable = private
        with nogil:
            error = map_stitch(table, count, private, &mapping._range)
    finally:
        free(table)
    if error != 0:
        _refuse(error, rows[mapping._range.failed], mapping._range.failed)
    return mapping


cdef _refuse(int error, object extent, size_t index):
    fd, offset, length = extent
    if error == MAP_TOO_SHORT:
        raise DamagedState(
            f"extent {index} ({length} bytes at {offset}) reaches beyond the end of its file",
            hint="the file was cut: mlops store verify",
            extent=index,
        )
    reason = strerror(error).decode("utf-8", "replace")
    raise OSError(error, f"{reason}: extent {index} ({length} bytes at {offset} of descriptor {fd})")


def page_size():
    """Bytes in a page of memory: offsets in files must be multiples of it to be mapped."""
    return map_page_size()


def common_bytes(one, other, /):
    """How many bytes at their beginning two C-contiguous buffers have in common."""
    cdef Py_buffer first, second
    cdef size_t count
    PyObject_GetBuffer(one, &first, PyBUF_SIMPLE)
    try:
        PyObject_GetBuffer(other, &second, PyBUF_SIMPLE)
        with nogil:
            count = map_common_bytes(first.buf, second.buf, min(first.len, second.len))
        PyBuffer_Release(&second)
    finally:
        PyBuffer_Release(&first)
    return count
