# StatTable of _scan.pyx: the table of remembered digests, its file and its face.

# The file of a table: this header, then `capacity` records of 48 bytes (scan_table.h), numbers little-endian
# but for the signatures under the seals, which never leave the machine.
cdef bytes MAGIC = b"mlopsSTA"
cdef object HEAD = struct.Struct("<8sIIQQ")
cdef enum:
    HEADER_BYTES = 64
    RECORD_BYTES = 48
cdef int VERSION = 0
cdef size_t LEAST_CAPACITY = 1024
# Above that the table begins anew with what is in use: what was deleted or moved is never looked up again.
cdef size_t MOST_RECORDS = 8_000_000


cdef bytes _header(size_t capacity, size_t count):
    cdef uint8_t digest[16]
    cdef bytes head = HEAD.pack(MAGIC, VERSION, RECORD_BYTES, capacity, count)
    xxh3_digest(PyBytes_AS_STRING(head), len(head), digest)
    return (head + PyBytes_FromStringAndSize(<char *>digest, 16)).ljust(HEADER_BYTES, b"\0")


cdef int _key_of(bytes path, uint8_t *key) except -1:
    """Folder by folder, so that a tree's scan gets the same keys without building paths."""
    memset(key, 0, 16)
    for name in path.split(b"/"):
        if name and name != b".":
            stat_key(key, PyBytes_AS_STRING(name), len(name), key)
    return 0


cdef int _unpack(object signature, scan_signature *out) except -1:
    out.size, out.modified, out.changed, out.inode = signature
    return 0


@cython.final
cdef class StatTable:
    """Digests of files by path and stat signature, on top of what a file of an earlier table holds."""

    cdef stat_table _table
    cdef Py_buffer _view
    cdef bint _held
    cdef size_t _base_count
    cdef object __weakref__

    def __init__(self, base=None):
        self._release()
        if base is None:
            return
        PyObject_GetBuffer(base, &self._view, PyBUF_SIMPLE)
        self._held = True
        try:
            self._adopt()
        except BaseException:
            self._release()
            raise

    def __dealloc__(self):
        self._release()

    cdef int _release(self) except -1:
        stat_clear(&self._table)
        memset(&self._table, 0, sizeof(self._table))
        if self._held:
            PyBuffer_Release(&self._view)
            self._held = False
        self._base_count = 0
        return 0

    cdef int _adopt(self) except -1:
        cdef size_t length = self._view.len
        if length < HEADER_BYTES:
            raise ValueError(f"a stat cache has a header of {HEADER_BYTES} bytes; this one ends after {length}")
        head = PyBytes_FromStringAndSize(<char *>self._view.buf, HEADER_BYTES)
        magic, version, size, capacity, count = HEAD.unpack_from(head)
        if magic != MAGIC or version != VERSION or size != RECORD_BYTES or head != _header(capacity, count):
            raise ValueError("the header of the stat cache is damaged, or of another version")
        if length != HEADER_BYTES + capacity * RECORD_BYTES:
            raise ValueError(f"the stat cache should hold {capacity} records; it has {length} bytes")
        self._table.base = <const stat_record *>(<char *>self._view.buf + HEADER_BYTES)
        self._table.base_capacity = capacity
        self._base_count = count
        return 0

    @property
    def pending(self):
        return self._table.own_count

    def get(self, bytes path, signature, /):
        cdef uint8_t key[16]
        cdef uint8_t digest[16]
        cdef scan_signature wanted
        _unpack(signature, &wanted)
        _key_of(path, key)
        if not stat_find(&self._table, key, &wanted, digest):
            return None
        return PyBytes_FromStringAndSize(<char *>digest, 16)

    def put(self, bytes path, signature, bytes digest, /):
        cdef uint8_t key[16]
        cdef scan_signature seen
        if len(digest) != 16:
            raise ValueError(f"a digest has 16 bytes, not {len(digest)}")
        _unpack(signature, &seen)
        _key_of(path, key)
        if stat_put(&self._table, key, &seen, <uint8_t *>PyBytes_AS_STRING(digest)) != 0:
            raise MemoryError

    def take_over(self, StatTable other, /):
        """Add what was put into another table and is not yet in its file; ours goes first."""
        cdef stat_record *records
        cdef size_t capacity = 2 * (self._table.own_count + other._table.own_count) + 64
        records = <stat_record *>calloc(capacity, RECORD_BYTES)
        if records == NULL:
            raise MemoryError
        stat_merge(&self._table, 0, records, capacity)
        stat_merge(&other._table, 0, records, capacity)
        free(self._table.own)
        self._table.own = records
        self._table.own_capacity = capacity
        self._table.own_count = stat_count(records, capacity)

    def packed(self):
        """The content of a file with everything in it."""
        cdef size_t count = self._base_count + self._table.own_count
        cdef bint with_base = count <= MOST_RECORDS
        cdef size_t capacity = max(LEAST_CAPACITY, 2 * (count if with_base else self._table.own_count))
        cdef bytes content = PyBytes_FromStringAndSize(NULL, HEADER_BYTES + capacity * RECORD_BYTES)
        cdef char *place = PyBytes_AS_STRING(content)
        cdef stat_record *records = <stat_record *>(place + HEADER_BYTES)
        memset(place, 0, HEADER_BYTES + capacity * RECORD_BYTES)
        stat_merge(&self._table, with_base, records, capacity)
        cdef bytes head = _header(capacity, stat_count(records, capacity))
        memcpy(place, PyBytes_AS_STRING(head), HEADER_BYTES)
        return content

    def patches(self):
        """``(offset, bytes)`` to be written into the present file instead; None where it must be made anew."""
        cdef size_t i, place, added = 0
        cdef const stat_record *base = self._table.base
        cdef size_t capacity = self._table.base_capacity
        if base == NULL or 4 * (self._base_count + self._table.own_count) > 3 * capacity:
            return None
        if 16 * self._table.own_count > capacity:
            return None
        cdef list found = []
        cdef dict taken = {}
        cdef uint8_t zero[16]
        memset(zero, 0, 16)
        for i in range(self._table.own_capacity):
            if memcmp(self._table.own[i].key, zero, 16) == 0:
                continue
            place = stat_slot(base, capacity, self._table.own[i].key)
            if place == capacity or place in taken:
                return None
            taken[place] = True
            added += memcmp(base[place].key, zero, 16) == 0
            content = PyBytes_FromStringAndSize(<char *>&self._table.own[i], RECORD_BYTES)
            found.append((HEADER_BYTES + place * RECORD_BYTES, content))
        found.append((0, _header(capacity, self._base_count + added)))
        return found
