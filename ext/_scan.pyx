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


include "scan_stat_table.pxi"


cdef enum:
    MOST_DEVICES = 64   # file systems below one folder that are told apart
    # Threads that read: far more than processors, for they wait for the disk. Measured, 100,000 files that are
    # not in memory: 4.4 s with 2 threads, 1.8 s with 16; in memory, no difference.
    READERS = 16

cdef tuple KINDS = ("unseen", "file", "special", "folder", "link", "loop", "gone")


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
    cdef size_t _readers
    cdef bytes _path
    cdef bytes _left_out    # the scan points into it

    def __cinit__(self, bytes path, *, bytes left_out=b"", size_t threads=0):
        if b"\0" in path:
            raise ValueError("embedded null byte")
        self._path = path
        self._left_out = left_out
        self._threads = threads or _processors()
        self._readers = threads or max(_processors(), READERS)
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
            scan_pool_start(&pool, <int>threads, work, context)
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
        return self._run(min(self._threads, 1 + self._tree.entries // 256), scan_each_run, &work)

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
            self._run(min(self._readers, files + (size >> 20)), scan_each_run, &work)
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
