# cython: autotestdict=False, auto_pickle=False
"""Canonical digests of Python values: typed, structural, the same for equal content in every process.

A value is a tree of nodes (a Merkle tree: the pre-image of a container holds the digests of its items),
walked with a work-list of frames, so depth is limited by memory alone. Values that contain themselves are
graphs: their strongly connected parts are found on the way (Tarjan) and named as a whole, see `values_part.pxi`.
"""

import sys

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_Next, PyDict_Size
from cpython.exc cimport PyErr_CheckSignals
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_XDECREF
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_GET_SIZE
from libc.stdint cimport int64_t, uint8_t
from libc.stdlib cimport free, qsort, realloc
from libc.string cimport memcmp, memcpy, memset

from mlops_core.errors import UnfingerprintableValue


include "values_declarations.pxi"


cdef int _compare(const void *a, const void *b) noexcept nogil:
    return memcmp(a, b, DIGEST)


cdef int _hash(const uint8_t *data, size_t length, uint8_t *digest) except -1:
    if length < XXH3_GIL_BYTES:
        xxh3_digest(data, length, digest)
    else:
        with nogil:
            xxh3_digest(data, length, digest)
    return 0


include "values_part.pxi"
include "values_path.pxi"


@cython.final
@cython.freelist(4)
cdef class _Walk:
    """One call: the frames of the open nodes, their growing pre-images, and what is known so far."""

    cdef object resolve
    cdef dict known
    cdef values_memo memo
    cdef Frame *frames
    cdef Py_ssize_t depth, frames_room
    cdef uint8_t *bytes_
    cdef size_t length, bytes_room
    cdef Link *links
    cdef Py_ssize_t link_count, links_room
    cdef list pending   # nodes that are complete, but belong to a part that is still open
    cdef int64_t numbers

    def __dealloc__(self):
        while self.depth > 0:
            self._close_frame()
        values_memo_free(&self.memo)
        free(self.frames)
        free(self.bytes_)
        free(self.links)

    # --- room -----------------------------------------------------------------------------------------

    cdef uint8_t *_extend(self, size_t length) except NULL:
        """Room for `length` more bytes at the end of the pre-image on top."""
        cdef size_t room = self.bytes_room or 512
        cdef void *grown
        while room - self.length < length:
            room *= 2
        if room != self.bytes_room:
            grown = realloc(self.bytes_, room)
            if grown == NULL:
                raise MemoryError
            self.bytes_, self.bytes_room = <uint8_t *>grown, room
        self.length += length
        return self.bytes_ + self.length - length

    cdef Frame *_new_frame(self) except NULL:
        cdef Py_ssize_t room = self.frames_room * 2 or 8
        cdef void *grown
        if self.depth == self.frames_room:
            grown = realloc(self.frames, room * sizeof(Frame))
            if grown == NULL:
                raise MemoryError
            self.frames, self.frames_room = <Frame *>grown, room
        memset(&self.frames[self.depth], 0, sizeof(Frame))
        self.depth += 1
        return &self.frames[self.depth - 1]

    cdef int _add_link(self, size_t place, int64_t number) except -1:
        cdef Py_ssize_t room = self.links_room * 2 or 8
        cdef void *grown
        if self.link_count == self.links_room:
            grown = realloc(self.links, room * sizeof(Link))
            if grown == NULL:
                raise MemoryError
            self.links, self.links_room = <Link *>grown, room
        self.links[self.link_count].place = place
        self.links[self.link_count].number = number
        self.link_count += 1
        return 0

    cdef void _close_frame(self) noexcept:
        self.depth -= 1
        cdef Frame frame = self.frames[self.depth]
        Py_XDECREF(frame.items)
        Py_XDECREF(frame.owner)
        Py_XDECREF(frame.value)

    # --- opening a node -------------------------------------------------------------------------------

    cdef int _open(self, Kind kind, object items, object owner, Py_ssize_t count, bint shared, bytes tag) except -1:
        """Begin the node of a container: kind and version, the tag of a tagged one, the number of items."""
        cdef size_t length = len(TAGS[<int>kind]) + 1
        cdef values_entry *entry
        cdef uint8_t *place
        cdef Frame *frame
        if self.numbers & 0xFFF == 0xFFF:
            PyErr_CheckSignals()
        cdef size_t image = self.length
        memcpy(self._extend(length), TAGS[<int>kind], length)
        if tag is not None:
            place = self._extend(8 + len(tag))
            values_put_u64(place, len(tag))
            memcpy(place + 8, PyBytes_AS_STRING(tag), len(tag))
        values_put_u64(self._extend(8), count)
        if shared:
            entry = values_memo_add(&self.memo, owner)
            if entry == NULL:
                raise MemoryError
            entry.node = self.numbers
        frame = self._new_frame()
        frame.kind, frame.image, frame.digests = kind, image, self.length - image
        frame.count = 2 * count if kind == DICT else count
        frame.links, frame.number, frame.low = self.link_count, self.numbers, self.numbers
        Py_INCREF(items)
        frame.items = <PyObject *>items
        if shared:
            Py_INCREF(owner)
            frame.owner = <PyObject *>owner
        self.numbers += 1
        return 0

    cdef int _open_builtin(self, object value, bint shared) except -1:
        """Open a container that is walked natively; 0 where the value is not one."""
        kind = type(value)
        if kind is list:
            self._open(LIST, value, value, PyList_GET_SIZE(value), shared, None)
        elif kind is tuple:
            self._open(TUPLE, value, value, PyTuple_GET_SIZE(value), shared, None)
        elif kind is dict:
            self._open(DICT, value, value, PyDict_Size(value), shared, None)
        elif kind is set or kind is frozenset:
            items = list(value)
            self._open(SET if kind is set else FROZENSET, items, value, PyList_GET_SIZE(items), shared, None)
        elif kind is slice:
            self._open(SLICE, (value.start, value.stop, value.step), value, 3, shared, None)
        else:
            return 0
        return 1

    cdef int _open_resolved(self, object value, bint shared, uint8_t *digest) except -1:
        """Ask `resolve`: 1 where it gave a digest, 0 where it gave children, whose node is now open."""
        answer = self.resolve(value)
        if PyBytes_CheckExact(answer) and PyBytes_GET_SIZE(answer) == DIGEST:
            memcpy(digest, PyBytes_AS_STRING(answer), DIGEST)
            return self._remember(value, shared, digest)
        if type(answer) is not tuple or len(answer) != 2 or type(answer[0]) is not str or type(answer[1]) is not tuple:
            raise TypeError(
                f"resolve({type(value).__name__}) must give 16 bytes or (tag, tuple of children), not {answer!r:.200}"
            )
        tag, children = answer
        self._open(TAGGED, children, value, PyTuple_GET_SIZE(children), shared, tag.encode("utf-8", "surrogatepass"))
        return 0

    # --- one value ------------------------------------------------------------------------------------

    cdef int _remember(self, object value, bint shared, const uint8_t *digest) except -1:
        cdef values_entry *entry
        if shared:
            entry = values_memo_add(&self.memo, value)
            if entry == NULL:
                raise MemoryError
            memcpy(entry.digest, digest, DIGEST)
        return 1

    cdef int _is_known(self, object value, uint8_t *digest) except -1:
        if self.known is None:
            return 0
        found = self.known.get(<size_t><PyObject *>value)
        if found is None:
            return 0
        if not PyBytes_CheckExact(found) or PyBytes_GET_SIZE(found) != DIGEST:
            raise TypeError(f"known digests must be 16 bytes, not {found!r:.200}")
        memcpy(digest, PyBytes_AS_STRING(found), DIGEST)
        return 1

    cdef int _enter(self, object value, bint shared, uint8_t *digest, int64_t *number) except -1:
        """1: the digest is known; 0: a frame was opened; 2: the value is open itself, `number` says where."""
        cdef values_entry *entry
        cdef bint long_leaf = values_is_long(value)
        if not long_leaf and (values_leaf(value, digest) or self._is_known(value, digest)):
            return 1
        if shared:
            entry = values_memo_find(&self.memo, value)
            if entry != NULL and entry.node == VALUES_DONE:
                memcpy(digest, entry.digest, DIGEST)
                return 1
            if entry != NULL:
                number[0] = entry.node
                return 2
        if long_leaf:
            values_leaf(value, digest)
            return self._remember(value, shared, digest)
        if self._open_builtin(value, shared):
            return 0
        found = _numpy_digest(value)
        if found is not None:
            memcpy(digest, PyBytes_AS_STRING(found), DIGEST)
            return self._remember(value, shared, digest)
        return self._open_resolved(value, shared, digest)

    # --- the items of the node on top -----------------------------------------------------------------

    cdef PyObject *_next(self) except? NULL:
        """A new reference to the next item of the node on top, or NULL after the last one."""
        cdef Frame *frame = &self.frames[self.depth - 1]
        cdef PyObject *item = NULL
        cdef PyObject *key
        if frame.kind == DICT:
            if frame.value != NULL:
                item, frame.value = frame.value, NULL
                return item
            if PyDict_Next(<object>frame.items, &frame.next, &key, &frame.value):
                Py_INCREF(<object>frame.value)
                Py_INCREF(<object>key)
                return key
            return NULL
        if frame.kind == LIST or frame.kind == SET or frame.kind == FROZENSET:
            if frame.next < PyList_GET_SIZE(<object>frame.items):
                item = <PyObject *>PyList_GET_ITEM(<object>frame.items, frame.next)
        elif frame.next < PyTuple_GET_SIZE(<object>frame.items):
            item = <PyObject *>PyTuple_GET_ITEM(<object>frame.items, frame.next)
        if item != NULL:
            Py_INCREF(<object>item)
            frame.next += 1
        return item

    cdef int _deliver(self, const uint8_t *digest) except -1:
        """Append the digest of an item to the pre-image on top."""
        memcpy(self._extend(DIGEST), digest, DIGEST)
        return 0

    cdef int _deliver_link(self, int64_t number, int64_t low) except -1:
        """Leave a hole for the digest of a node that is not known yet."""
        cdef Frame *frame = &self.frames[self.depth - 1]
        self._add_link(self.length - frame.image, number)
        frame.low = min(frame.low, low)
        memset(self._extend(DIGEST), 0, DIGEST)
        return 0

    # --- closing a node -------------------------------------------------------------------------------

    cdef int _finish(self, uint8_t *digest) except -1:
        """Close the node on top: 1 where its digest is known now, 0 where it waits as part of a cycle."""
        cdef Frame *frame = &self.frames[self.depth - 1]
        cdef size_t length = self.length - frame.image
        cdef uint8_t *image = self.bytes_ + frame.image
        if length != frame.digests + <size_t>frame.count * DIGEST:
            raise RuntimeError(f"a {_name(frame.kind)} changed while its digest was taken")
        if self.link_count > frame.links:
            return self._finish_linked(digest)
        if frame.kind == SET or frame.kind == FROZENSET:
            qsort(image + frame.digests, frame.count, DIGEST, _compare)
        _hash(image, length, digest)
        self._settle(<object>frame.owner if frame.owner != NULL else None, digest)
        self.length = frame.image
        self._close_frame()
        return 1

    cdef int _settle(self, object owner, const uint8_t *digest) except -1:
        cdef values_entry *entry
        if owner is not None:
            entry = values_memo_find(&self.memo, owner)
            entry.node = VALUES_DONE
            memcpy(entry.digest, digest, DIGEST)
        return 0

    cdef int _finish_linked(self, uint8_t *digest) except -1:
        cdef Frame *frame = &self.frames[self.depth - 1]
        cdef int64_t number = frame.number, low = frame.low
        cdef Py_ssize_t i
        cdef _Node node = _Node.__new__(_Node)
        node.number = number
        node.sorts = frame.kind == SET or frame.kind == FROZENSET
        node.digests = frame.digests
        node.image = bytearray((<char *>self.bytes_)[frame.image:self.length])
        node.links = [(self.links[i].place, self.links[i].number) for i in range(frame.links, self.link_count)]
        node.owner = <object>frame.owner if frame.owner != NULL else None
        if self.pending is None:
            self.pending = []
        self.pending.append(node)
        self.length, self.link_count = frame.image, frame.links
        self._close_frame()
        if low < number:
            self._deliver_link(number, low)
            return 0
        memcpy(digest, PyBytes_AS_STRING(self._close_part(number)), DIGEST)
        return 1

    cdef bytes _close_part(self, int64_t first):
        """Name all pending nodes from the number `first` on: they reach each other, and nothing open."""
        cdef Py_ssize_t start = len(self.pending)
        while start > 0 and (<_Node>self.pending[start - 1]).number >= first:
            start -= 1 # they are the last ones: the others were complete before the first was opened
        cdef list nodes = self.pending[start:]
        del self.pending[start:]
        cdef dict digests = _name_part(nodes)
        for node in nodes:
            self._settle((<_Node>node).owner, <const uint8_t *>PyBytes_AS_STRING(digests[(<_Node>node).number]))
        return digests[first]

    # --- the walk -------------------------------------------------------------------------------------

    cdef bytes run(self, object value):
        cdef bytes result = PyBytes_FromStringAndSize(NULL, DIGEST)
        cdef uint8_t *digest = <uint8_t *>PyBytes_AS_STRING(result)
        cdef int64_t number = 0
        cdef PyObject *item
        cdef int state = self._enter(value, True, digest, &number)
        while self.depth > 0:
            item = self._next()
            if item != NULL:
                try:
                    # Two references are ours and the container's: with a third, the item may come again.
                    state = self._enter(<object>item, Py_REFCNT(item) > 2, digest, &number)
                except UnfingerprintableValue as error:
                    error.data["path"] = self._path() + error.data.get("path", "")
                    raise
                finally:
                    Py_DECREF(<object>item)
                if state == 1:
                    self._deliver(digest)
                elif state == 2:
                    self._deliver_link(number, number)
            elif self._finish(digest) and self.depth > 0:
                self._deliver(digest)
        return result

    cdef str _path(self):
        """Where in the value the walk stands, as one would write it: ``[3]['key']``."""
        return "".join([_step(&self.frames[i]) for i in range(self.depth)])


cdef object _array_digest = None


cdef bytes _numpy_digest(object value):
    """The digest of an exact NumPy array without objects, or of a NumPy scalar; None for anything else."""
    global _array_digest
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    generic = getattr(numpy, "generic", None) # not yet there while numpy itself is being imported
    if generic is None or not (type(value) is numpy.ndarray or issubclass(type(value), generic)):
        return None
    if _array_digest is None:
        from mlops_core.engine._arrays import native_digest
        _array_digest = native_digest
    return _array_digest(value)


def value_digest(obj, resolve, known=None):
    """The 16 bytes that name the value ``obj``.

    Exact builtin types and NumPy arrays and scalars are walked natively. For anything else ``resolve(value)``
    returns either 16 bytes, taken as its digest, or ``(tag, children)``, a str and a tuple of values that are
    walked in turn. ``known`` maps the id of objects to their digests and spares the walk into them.

    Raises what ``resolve`` raises (UnfingerprintableValue with ``path``, where inside ``obj`` the trouble
    lies), TypeError for another kind of answer, RuntimeError where a container changes during the walk.
    """
    cdef uint8_t digest[DIGEST]
    cdef _Walk walk
    if values_leaf(obj, digest):
        return PyBytes_FromStringAndSize(<char *>digest, DIGEST)
    walk = _Walk.__new__(_Walk)
    walk.resolve, walk.known = resolve, known
    return walk.run(obj)
