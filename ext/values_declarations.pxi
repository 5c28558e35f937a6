# What _values.pyx takes from C, and the records of its walk.

cdef extern from "Python.h":
    Py_ssize_t Py_REFCNT(PyObject *object)


cdef extern from "xxh3.h" nogil:
    enum: XXH3_GIL_BYTES
    void xxh3_digest(const void *data, size_t length, uint8_t *digest)


cdef extern from "values_leaf.h":
    int values_leaf(object value, uint8_t *digest) except -1
    bint values_is_long(object value)
    void values_put_u64(uint8_t *into, size_t number)


cdef extern from "values_memo.h":
    enum: VALUES_DONE
    ctypedef struct values_entry:
        int64_t node
        uint8_t digest[16]
    ctypedef struct values_memo:
        pass
    values_entry *values_memo_find(const values_memo *memo, object value)
    values_entry *values_memo_add(values_memo *memo, object value)
    void values_memo_free(values_memo *memo)


cdef enum: DIGEST = 16

cdef enum Kind:
    LIST, TUPLE, DICT, SET, FROZENSET, SLICE, TAGGED

cdef const char *TAGS[7]
TAGS[:] = ["list/1", "tuple/1", "dict/1", "set/1", "frozenset/1", "slice/1", "tagged/1"]

# A node that is being walked. Its pre-image grows from `image` on in the walk's bytes.
cdef struct Frame:
    PyObject *items     # what is walked: the container itself, or a tuple or list of its items (owned)
    PyObject *owner     # under what it is remembered, or NULL where nothing else refers to it (owned)
    PyObject *value     # of a dict: the value of the key just delivered, or NULL (owned)
    Kind kind
    Py_ssize_t next
    Py_ssize_t count    # of digests expected
    size_t image
    size_t digests      # where the digests of the items begin, from `image` on
    Py_ssize_t links    # how many links there were when it was opened
    int64_t number      # nodes are numbered in the order of opening
    int64_t low         # the lowest number of an open node that can be reached from here

# Where the digest of an item will stand that is not known yet: it belongs to a node still open.
cdef struct Link:
    size_t place        # from the beginning of the pre-image on
    int64_t number


cdef str _name(Kind kind):
    return TAGS[<int>kind].decode().partition("/")[0]
