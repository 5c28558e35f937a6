# cython: autotestdict=False, auto_pickle=False
"""Trees of files: scanned and hashed by several threads without the GIL, digests remembered by stat signature."""

cimport cython
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.exc cimport PyErr_CheckSignals
from libc.errno cimport ENOMEM, errno
from libc.stdint cimport int64_t, uint8_t, uint64_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcmp, memcpy, memset

import os
import struct


include "scan_declarations.pxi"


# The file of a table: this header, then `capacity` records of 48 bytes (scan_table.h), numbers little-endian
# but for the signatures under the seals, which never leave the machine.
cdef bytes MAGIC = b"mlopsSTA"
cdef object HEAD = struct.Struct("<8sIIQQ")
cdef enum:
    HEADER_BYTES = 64
    RECORD_BYTES = 48
    MOST_DEVICES = 64
cdef int VERSION = 0
cdef size_t LEAST_CAPACITY = 1024
# Above that the table begins anew with what is in use: what was deleted or moved is never looked up again.
cdef size_t MOST_RECORDS = 8_000_000

cdef tuple KINDS = ("unseen", "file", "special", "folder", "link", "loop", "gone")


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


cdef int _processors():
    try:
        return max(1, len(os.sched_getaffinity(0)))
    except AttributeError:  # macOS
        return os.cpu_count() or 1


@cython.final
cdef class Tree:
    """One folder with everything below, as it was when it was scanned."""

    cdef scan_tree _tree
    cdef bint _ready
    cdef bint _busy
    cdef size_t _threads
    cdef bytes _path
    cdef bytes _left_out    # the scan points into it

    def __cinit__(self, bytes path, *, bytes left_out=b"", size_t threads=0):
        if b"\0" in path:
            raise ValueError("embedded null byte")
        self._path = path
        self._left_out = left_out
        self._threads = threads or _processors()
        if scan_tree_init(&self._tree, PyBytes_AS_STRING(left_out)) != 0:
            raise MemoryError
        self._ready = True
        if scan_tree_add(&self._tree, NULL, NULL) == NULL:
            raise MemoryError
        _key_of(path, self._tree.folders[0].key)
        self._enter()
        try:
            self._list()
            scan_tree_number(&self._tree)
            self._look()
        finally:
            self._leave()

    def __dealloc__(self):
        if self._ready:
            scan_tree_free(&self._tree)

    cdef int _enter(self) except -1:
        cdef char *path = PyBytes_AS_STRING(self._path)
        cdef int error = 0
        if self._busy:
            raise RuntimeError("another thread is at work on this tree")
        with nogil:
            self._tree.top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            if self._tree.top < 0:
                error = errno
        if error != 0:
            raise OSError(error, os.strerror(error), os.fsdecode(self._path))
        self._busy = True
        return 0

    cdef int _leave(self) except -1:
        close(self._tree.top)
        self._tree.top = -1
        self._busy = False
        return 0

    cdef int _check(self) except -1:
        """Raise what went wrong, in the threads or before."""
        if self._tree.error == ENOMEM:
            raise MemoryError
        if self._tree.error != 0:
            where = os.path.join(self._path, self._tree.where) if self._tree.where != NULL else self._path
            raise OSError(self._tree.error, os.strerror(self._tree.error), os.fsdecode(where))
        if self._tree.stopped:
            raise RuntimeError("the work on this tree was interrupted")
        return 0

    cdef int _settled(self) except -1:
        if self._busy:
            raise RuntimeError("another thread is at work on this tree")
        return self._check()

    cdef int _run(self, size_t threads, scan_work work, void *context) except -1:
        """Let the threads work; Ctrl-C and other signals are seen ten times a second."""
        cdef scan_pool pool
        cdef bint ended = False
        with nogil:
            scan_pool_start(&pool, <int>min(threads, self._threads), work, context)
        try:
            while not ended:
                with nogil:
                    ended = scan_pool_wait(&pool, 100)
                PyErr_CheckSignals()
        except BaseException:
            self._tree.stopped = 1
            raise
        finally:
            with nogil:
                scan_pool_finish(&pool)
        return self._check()

    cdef int _list(self) except -1:
        cdef scan_queue queue
        cdef int more
        if scan_queue_init(&queue, &self._tree) != 0:
            raise MemoryError
        try:
            with nogil:
                more = scan_list_some(&queue, 4)  # small trees are done before a thread would have started
            if more:
                self._run(self._threads, scan_list_all, &queue)
        finally:
            scan_queue_free(&queue)
        return self._check()

    cdef int _look(self) except -1:
        cdef scan_each work
        scan_each_init(&work, &self._tree, scan_visit_look)
        return self._run(1 + self._tree.entries // 256, scan_each_run, &work)

    @property
    def changed(self):
        return self._tree.changed != 0

    @property
    def devices(self):
        cdef size_t i, j
        cdef scan_entry *entry
        cdef set found = set()
        cdef uint64_t last = 0
        self._settled()
        for i in range(self._tree.count):
            for j in range(self._tree.folders[i].count):
                entry = &self._tree.folders[i].entries[j]
                if entry.kind == SCAN_FILE and (entry.device != last or not found):
                    last = entry.device
                    found.add(last)
        return frozenset(found)

    def recall(self, StatTable table, always=(), int64_t small=0, /):
        """Keeps the GIL, so that nothing is put into the table meanwhile; the threads do not need it."""
        cdef scan_each work
        cdef scan_pool pool
        cdef uint64_t[MOST_DEVICES] devices
        self._settled()
        scan_each_init(&work, &self._tree, scan_visit_recall)
        work.table = &table._table
        _set_always(&work, devices, always, small)
        scan_pool_start(&pool, <int>min(self._threads, 1 + self._tree.entries // 2048), scan_each_run, &work)
        scan_pool_finish(&pool)

    def hash(self):
        cdef scan_each work
        cdef size_t files = 0
        cdef uint64_t size = 0
        self._settled()
        scan_unread(&self._tree, &files, &size)
        if files == 0:
            return 0
        scan_each_init(&work, &self._tree, scan_visit_hash)
        self._enter()
        try:
            # A long read is left to a thread even when it is alone, so that signals are seen.
            self._run(files + (size >> 20), scan_each_run, &work)
        finally:
            self._leave()
        return files

    def remember(self, StatTable table, int64_t latest, always=(), int64_t small=0, /):
        cdef scan_each work
        cdef uint64_t[MOST_DEVICES] devices
        self._settled()
        scan_each_init(&work, &self._tree, scan_visit_hash)
        _set_always(&work, devices, always, small)
        cdef long count = scan_remember(&work, &table._table, latest)
        if count < 0:
            raise MemoryError
        return count

    def digest(self):
        cdef size_t files = 0
        cdef uint64_t size = 0
        self._settled()
        scan_unread(&self._tree, &files, &size)
        if files > 0 or self._tree.changed:
            raise RuntimeError("the files of this tree have not been read yet, or it changed meanwhile")
        scan_fold(&self._tree)
        return PyBytes_FromStringAndSize(<char *>self._tree.folders[0].digest, 16)

    def entries(self):
        cdef size_t i, j
        cdef list found = []
        self._settled()
        for i in range(self._tree.count):
            for j in range(self._tree.folders[i].count):
                found.append(_entry(self._tree.folders[i], &self._tree.folders[i].entries[j]))
        return found


cdef tuple _entry(scan_folder *folder, scan_entry *entry):
    cdef size_t length = 0
    cdef char *path = scan_path(folder, entry, &length)
    if path == NULL:
        raise MemoryError
    try:
        name = PyBytes_FromStringAndSize(path, length)
    finally:
        free(path)
    target = None if entry.target == NULL else <bytes>entry.target
    seen = entry.signature
    return (
        name, KINDS[entry.kind], (seen.size, seen.modified, seen.changed, seen.inode), entry.device, target
    )


cdef int _set_always(scan_each *work, uint64_t *devices, always, int64_t small) except -1:
    if len(always) > MOST_DEVICES:  # so many file systems are not told apart: small files of all are read
        work.always_count = 0
        work.all_always = 1
    for i, device in enumerate(always if len(always) <= MOST_DEVICES else ()):
        devices[i] = device
        work.always_count = i + 1
    work.always = devices
    work.small = small
    return 0
