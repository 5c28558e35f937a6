# cython: autotestdict=False, auto_pickle=False
"""The grid of cells of Arrow data, read through the Arrow C stream interface."""

from collections import namedtuple

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.memoryview cimport PyMemoryView_FromMemory
from cpython.buffer cimport PyBUF_READ, PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int64_t, uint8_t
from libc.stdlib cimport calloc, free

from mlops_core.engine._hash import _pool
from mlops_core.errors import UnfingerprintableValue


cdef extern from "arrow/c/abi.h" nogil:
    struct ArrowSchema:
        const char *format
        const char *name
        int64_t n_children
        ArrowSchema **children
        ArrowSchema *dictionary
        void (*release)(ArrowSchema *) noexcept nogil

    struct ArrowArray:
        int64_t length
        int64_t null_count
        int64_t offset
        int64_t n_buffers
        int64_t n_children
        const void **buffers
        ArrowArray **children
        void (*release)(ArrowArray *) noexcept nogil

    struct ArrowArrayStream:
        int (*get_schema)(ArrowArrayStream *, ArrowSchema *out) noexcept nogil
        int (*get_next)(ArrowArrayStream *, ArrowArray *out) noexcept nogil
        const char *(*get_last_error)(ArrowArrayStream *) noexcept nogil
        void (*release)(ArrowArrayStream *) noexcept nogil


cdef extern from "arrow_column.h" nogil:
    ctypedef enum arrow_status:
        ARROW_OK
        ARROW_MEMORY
        ARROW_UNSUPPORTED
        ARROW_INVALID
        ARROW_TOO_LARGE

    ctypedef struct arrow_error:
        arrow_status status
        char message[256]

    ctypedef struct arrow_buffer:
        const uint8_t *bytes
        size_t length

    ctypedef struct arrow_node:
        int dictionary_nodes

    ctypedef struct arrow_blocks:
        int places
        size_t count
        int64_t *rows
        uint8_t *digests
        int64_t nbytes

    ctypedef int (*arrow_sink)(void *, const uint8_t *, const arrow_buffer *) noexcept nogil

    ctypedef struct arrow_column:
        arrow_node *node
        arrow_buffer type
        arrow_blocks blocks

    arrow_column *arrow_column_new(const ArrowSchema *schema, arrow_error *error)
    void arrow_column_free(arrow_column *column)
    void arrow_column_prepare(arrow_column *column, arrow_sink sink, void *context, int64_t stage_bits)
    int arrow_column_take(arrow_column *column, ArrowArray *array, int64_t at, int64_t count)
    int arrow_column_finish(arrow_column *column)
    arrow_column *arrow_column_dictionary(arrow_column *column, int n)
    int64_t ARROW_LEAST_STAGE_BITS
    int64_t arrow_bits_set(const uint8_t *bits, int64_t at, int64_t count)
    void arrow_buffer_free(arrow_buffer *buffer)


cdef extern from "arrow_share.h" nogil:
    ctypedef struct hash_pool:
        pass
    const char *HASH_POOL_CAPSULE
    void arrow_share_use(const hash_pool *pool)


cdef extern from "arrow_layout.h" nogil:
    int arrow_put_layout(arrow_buffer *, arrow_buffer *, const ArrowSchema *, const ArrowArray *)


cdef extern from "arrow_type_digest.h" nogil:
    int arrow_put_type(arrow_buffer *out, const ArrowSchema *schema)
    int arrow_put_fields(arrow_buffer *out, const ArrowSchema *schema)


cdef extern from "arrow_block.h" nogil:
    void arrow_xxh3_128(const void *bytes, size_t length, uint8_t *digest)


arrow_share_use(<const hash_pool *>PyCapsule_GetPointer(_pool, HASH_POOL_CAPSULE))

ColumnGrid = namedtuple("ColumnGrid", ("digest", "rows", "cells", "dictionaries", "nbytes"), module=__name__)
TableGrid = namedtuple("TableGrid", ("digest", "columns", "rows"), module=__name__)


#: Rows that are kept back until there are blocks for all threads: 16 MiB for all columns together.
cdef int64_t _STAGED_BITS = 16 * 8 << 20


cdef int64_t _kept_back(Py_ssize_t columns):
    """Bits for each column: enough for several blocks, not more than 8 MiB."""
    return max(ARROW_LEAST_STAGE_BITS, min(_STAGED_BITS // columns, 8 * 8 << 20))


cdef bytes _digest(bytes preimage):
    cdef uint8_t digest[16]
    cdef const char *start = preimage
    arrow_xxh3_128(start, len(preimage), digest)
    return PyBytes_FromStringAndSize(<char *>digest, 16)


cdef bytes _number(int64_t number):
    return PyBytes_FromStringAndSize(<char *>&number, 8)


cdef bytes _absent = bytes(16)


cdef tuple _block_cells(arrow_blocks *blocks, size_t block):
    """The digests of a block's cells, ``b""`` where there is none."""
    cdef int i
    cdef list cells = []
    cdef bytes digest
    for i in range(blocks.places):
        digest = PyBytes_FromStringAndSize(<char *>blocks.digests + 16 * (block * blocks.places + i), 16)
        cells.append(b"" if digest == _absent else digest)
    return tuple(cells)


cdef object _column_grid(arrow_column *column):
    """The grid of a finished column; its pre-image is described in docs/formats/arrow-cells.md."""
    cdef size_t i
    cdef arrow_blocks *blocks = &column.blocks
    cdef list rows = [blocks.rows[i] for i in range(blocks.count)]
    cdef list cells = [_block_cells(blocks, i) for i in range(blocks.count)]
    dictionaries = tuple(
        [_column_grid(arrow_column_dictionary(column, n)) for n in range(column.node.dictionary_nodes)]
    )
    type = PyBytes_FromStringAndSize(<char *>column.type.bytes, column.type.length)
    digest = column_digest(type, rows, cells, [grid.digest for grid in dictionaries])
    nbytes = blocks.nbytes + sum([grid.nbytes for grid in dictionaries])
    return ColumnGrid(digest, tuple(rows), tuple(cells), dictionaries, nbytes)


cdef int _emit(void *context, const uint8_t *digest, const arrow_buffer *cell) noexcept with gil:
    """Hand a cell to the sink. A failure is kept: it cannot travel through C."""
    cdef _Walk walk = <_Walk>context
    try:
        view = PyMemoryView_FromMemory(<char *>cell.bytes, cell.length, PyBUF_READ)
        walk.sink(PyBytes_FromStringAndSize(<char *>digest, 16), (view,))
        view.release()
    except BaseException as failure:
        walk.failure = failure
        return -1
    return 0


cdef class _Walk:
    """One pass over a stream: owns the stream, its schema, the newest two batches and the columns."""

    cdef ArrowArrayStream stream
    cdef ArrowSchema schema
    cdef ArrowArray newest
    cdef ArrowArray before
    cdef arrow_error error
    cdef arrow_column **columns
    cdef Py_ssize_t count
    cdef int64_t rows
    cdef bint is_table
    cdef object sink
    cdef object failure

    def __cinit__(self, capsule, sink):
        cdef ArrowArrayStream *given = <ArrowArrayStream *>PyCapsule_GetPointer(capsule, "arrow_array_stream")
        if given.release == NULL:
            raise ValueError("this Arrow stream was consumed already: ask its owner for a new one")
        self.stream = given[0]
        given.release = NULL
        self.sink = sink
        self._check_stream(self.stream.get_schema(&self.stream, &self.schema))

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.count):
            arrow_column_free(self.columns[i])
        free(self.columns)
        if self.newest.release != NULL:
            self.newest.release(&self.newest)
        if self.before.release != NULL:
            self.before.release(&self.before)
        if self.schema.release != NULL:
            self.schema.release(&self.schema)
        if self.stream.release != NULL:
            self.stream.release(&self.stream)

    cdef _check_stream(self, int status):
        cdef const char *text
        if status == 0:
            return
        text = self.stream.get_last_error(&self.stream)
        said = text.decode("utf-8", "replace") if text != NULL else f"error {status}"
        raise RuntimeError(f"the producer of the Arrow stream failed: {said}")

    cdef _refuse(self, str where):
        """Raise what went wrong in C."""
        failure = self.failure
        if failure is not None:
            self.failure = None
            raise failure
        if self.error.status == ARROW_MEMORY:
            raise MemoryError(f"{where}memory is exhausted")
        said = self.error.message.decode("utf-8", "replace")
        hints = {
            ARROW_UNSUPPORTED: "convert it to a type of the Arrow specification that is known here",
            ARROW_INVALID: "the data break the Arrow format: table.validate(full=True) tells more",
            ARROW_TOO_LARGE: "use the 64-bit type (large_string, large_list) or wider dictionary indices",
        }
        raise UnfingerprintableValue(f"{where}{said}", hint=hints.get(self.error.status, ""), path=where)

    cdef _open(self, ArrowSchema **fields, Py_ssize_t count):
        cdef Py_ssize_t i
        cdef arrow_sink sink = NULL
        if self.sink is not None:
            sink = _emit
        self.columns = <arrow_column **>calloc(count + 1, sizeof(arrow_column *))
        if self.columns == NULL:
            raise MemoryError
        for i in range(count):
            self.columns[i] = arrow_column_new(fields[i], &self.error)
            self.count = i + 1
            if self.columns[i] == NULL:
                self._refuse(self._where(i))
            arrow_column_prepare(self.columns[i], sink, <void *>self, _kept_back(count))

    cdef str _where(self, Py_ssize_t i):
        cdef const char *name
        if not self.is_table:
            return ""
        name = self.schema.children[i].name
        if name == NULL:
            return f"column {i}: "
        return f"column {name.decode('utf-8', 'replace')!r}: "

    cdef bint _next(self):
        """Fetch a batch. The one before stays until then: neighbours may share a dictionary."""
        cdef int status
        if self.before.release != NULL:
            self.before.release(&self.before)
        self.before = self.newest
        self.newest.release = NULL
        with nogil:
            status = self.stream.get_next(&self.stream, &self.newest)
        if status != 0:
            self.newest.release = NULL
        self._check_stream(status)
        return self.newest.release != NULL

    cdef _take(self, Py_ssize_t i, ArrowArray *array, int64_t at, int64_t count):
        cdef int status
        with nogil:
            status = arrow_column_take(self.columns[i], array, at, count)
        if status != 0:
            self._refuse(self._where(i))

    cdef _finish(self):
        cdef int status
        cdef Py_ssize_t i
        for i in range(self.count):
            with nogil:
                status = arrow_column_finish(self.columns[i])
            if status != 0:
                self._refuse(self._where(i))

    cdef _check_batch(self):
        cdef ArrowArray *batch = &self.newest
        if batch.n_children != self.count or batch.length < 0 or batch.offset < 0:
            raise UnfingerprintableValue("a record batch does not have the columns of its schema", path="")
        if batch.null_count == 0 or batch.n_buffers < 1 or batch.buffers[0] == NULL:
            return
        if arrow_bits_set(<const uint8_t *>batch.buffers[0], batch.offset, batch.length) != batch.length:
            raise UnfingerprintableValue("a row of a record batch is null as a whole: that is no table", path="")


cdef class _Bytes:
    """A growing buffer."""

    cdef arrow_buffer buffer

    def __dealloc__(self):
        arrow_buffer_free(&self.buffer)

    cdef bytes take(self, int status):
        if status != 0:
            raise MemoryError
        return PyBytes_FromStringAndSize(<char *>self.buffer.bytes, self.buffer.length)


cdef bytes _fields(ArrowSchema *schema):
    cdef _Bytes out = _Bytes()
    return out.take(arrow_put_fields(&out.buffer, schema))


def stream_grid(stream, sink=None):
    """Cut a table into cells: the grid of the record batches of an ``arrow_array_stream`` capsule.

    ``sink(digest, pieces)`` gets every cell, those of one column in order; the pieces are memoryviews
    that are valid during the call only. Raises UnfingerprintableValue for unknown types and invalid data,
    RuntimeError where the producer fails, ValueError for a consumed stream.
    """
    cdef _Walk walk = _Walk(stream, sink)
    cdef Py_ssize_t i
    if walk.schema.format != b"+s" or walk.schema.dictionary != NULL:
        raise UnfingerprintableValue("the Arrow stream has no record batches: it is no table", path="")
    walk.is_table = True
    walk._open(walk.schema.children, walk.schema.n_children)
    while walk._next():
        walk._check_batch()
        walk.rows += walk.newest.length
        for i in range(walk.count):
            walk._take(i, walk.newest.children[i], walk.newest.offset, walk.newest.length)
    walk._finish()
    columns = tuple([_column_grid(walk.columns[i]) for i in range(walk.count)])
    preimage = [b"arrow-table/1\0", _fields(&walk.schema), _number(walk.rows), *[c.digest for c in columns]]
    return TableGrid(_digest(b"".join(preimage)), columns, walk.rows)


def array_grid_arrow(stream, sink=None):
    """Cut one (chunked) array into cells: the grid of the arrays of an ``arrow_array_stream`` capsule.

    Name, nullability and metadata of the stream's field play no role. Sink and errors as in ``stream_grid``.
    """
    cdef _Walk walk = _Walk(stream, sink)
    cdef ArrowSchema *field = &walk.schema
    walk._open(&field, 1)
    while walk._next():
        walk._take(0, &walk.newest, 0, walk.newest.length)
    walk._finish()
    return _column_grid(walk.columns[0])


def column_layout(stream):
    """Where a (chunked) array lies: ``(type, layout, addresses)``, of an ``arrow_array_stream`` capsule.

    The type as in the pre-image of its digest; type, lengths, offsets and addresses of all chunks as bytes;
    the addresses of its buffers, as numbers.
    """
    cdef _Walk walk = _Walk(stream, None)
    cdef _Bytes type = _Bytes(), layout = _Bytes(), addresses = _Bytes()
    name = type.take(arrow_put_type(&type.buffer, &walk.schema))
    while walk._next():
        layout.take(arrow_put_layout(&layout.buffer, &addresses.buffer, &walk.schema, &walk.newest))
    return name, name + layout.take(0), memoryview(addresses.take(0)).cast("Q").tolist()


def address_range(data, /):
    """First and last address of a buffer's bytes; the last one is that behind them."""
    cdef Py_buffer view
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    start, length = <size_t>view.buf, view.len
    PyBuffer_Release(&view)
    return start, start + length


def column_digest(bytes type, rows, cells, dictionaries=()):
    """The digest of a column: of its type, the rows and cells of its blocks, and its dictionaries."""
    cdef list parts = [b"arrow-column/1\0", type, _number(len(cells))]
    for count, block in zip(rows, cells, strict=True):
        parts.append(_number(count))
        parts.extend([cell or _absent for cell in block])
    return _digest(b"".join([*parts, _number(len(dictionaries)), *dictionaries]))


def table_digest(schema, int64_t rows, columns):
    """The digest of a table, from an ``arrow_schema`` capsule, its length and the digests of its columns."""
    cdef ArrowSchema *fields = <ArrowSchema *>PyCapsule_GetPointer(schema, "arrow_schema")
    return _digest(b"".join([b"arrow-table/1\0", _fields(fields), _number(rows), *columns]))
