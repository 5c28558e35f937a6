# cython: autotestdict=False, auto_pickle=False
"""XXH3-128, the one hash of every digest; bit-identical with ``xxhash.xxh3_128_digest``."""

cimport cython
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.pycapsule cimport PyCapsule_New
from libc.stdint cimport uint8_t
from libc.stdlib cimport getenv

from mlops_core.errors import EngineMissing


cdef extern from "xxh3.h" nogil:
    ctypedef struct xxh3_state:
        pass
    ctypedef enum xxh3_kernel:
        XXH3_KERNELS
    enum: XXH3_GIL_BYTES, XXH3_DIGEST_BYTES
    const char *XXH3_KERNEL_VARIABLE
    const char *xxh3_kernel_name(xxh3_kernel kernel)
    int xxh3_usable(xxh3_kernel kernel)
    xxh3_kernel xxh3_best()
    void xxh3_digest_by(xxh3_kernel kernel, const void *data, size_t length, uint8_t *digest)
    void xxh3_digest(const void *data, size_t length, uint8_t *digest)
    void xxh3_start(xxh3_state *state)
    void xxh3_feed(xxh3_state *state, const void *data, size_t length)
    void xxh3_finish(const xxh3_state *state, uint8_t *digest)


cdef extern from "hash_pool.h" nogil:
    ctypedef struct hash_pool:
        size_t (*lanes)() noexcept nogil
    const char *HASH_POOL_CAPSULE
    const hash_pool hash_pool_here
    void hash_pool_limit(size_t lanes)


cdef extern from "hash_state.h" nogil:
    xxh3_state *hash_state_new()
    void hash_state_free(xxh3_state *state)


cdef tuple NAMES = tuple([xxh3_kernel_name(<xxh3_kernel>i).decode() for i in range(XXH3_KERNELS)])


cdef bytes _digest_by(xxh3_kernel kernel, object data):
    cdef Py_buffer view
    cdef bytes digest = PyBytes_FromStringAndSize(NULL, XXH3_DIGEST_BYTES)
    cdef uint8_t *place = <uint8_t *>PyBytes_AS_STRING(digest)
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    if view.len < XXH3_GIL_BYTES:
        xxh3_digest_by(kernel, view.buf, view.len, place)
    else:
        with nogil:
            xxh3_digest_by(kernel, view.buf, view.len, place)
    PyBuffer_Release(&view)
    return digest


def xxh3_128(data, /):
    """The 16 bytes of XXH3-128, seed 0, big-endian, over any C-contiguous buffer.

    Raises TypeError where ``data`` has no buffer, BufferError or ValueError where it is not contiguous.
    """
    return _digest_by(xxh3_best(), data)


cdef int _number_of(str kernel):
    """Of several numbers with one name (a build for a newer processor) the one that is usable."""
    return [i for i in range(XXH3_KERNELS) if NAMES[i] == kernel and xxh3_usable(<xxh3_kernel>i)][0]


def xxh3_128_by(str kernel, data, /):
    """The same digest by the kernel of this name; ValueError where this processor cannot run it."""
    if kernel not in kernels():
        raise ValueError(f"kernel {kernel!r} does not run here: this processor has {', '.join(kernels())}")
    return _digest_by(<xxh3_kernel><int>_number_of(kernel), data)


def kernels():
    """Names of the kernels that run on this processor, the best one last."""
    return tuple([NAMES[i] for i in range(XXH3_KERNELS) if xxh3_usable(<xxh3_kernel>i)])


def kernel():
    """Name of the kernel that long inputs are hashed by: the best one, or what MLOPS_ENGINE_KERNEL says."""
    return NAMES[<int>xxh3_best()]


cdef int _check_forced() except -1:
    """A kernel that was asked for and cannot run must not be replaced in silence: the import fails."""
    cdef const char *wanted = getenv(XXH3_KERNEL_VARIABLE)
    if wanted != NULL and wanted[0] != 0 and wanted.decode("utf-8", "replace") not in kernels():
        raise EngineMissing(
            f"{XXH3_KERNEL_VARIABLE.decode()} asks for the kernel {wanted.decode('utf-8', 'replace')!r}, which does not"
            f" run here: this processor has {', '.join(kernels())}",
            hint=f"unset {XXH3_KERNEL_VARIABLE.decode()}",
            kernels=kernels(),
        )
    return 0


_check_forced()


# What the other modules of the engine hash large values with.
_pool = PyCapsule_New(<void *>&hash_pool_here, HASH_POOL_CAPSULE, NULL)


def threads():
    """How many threads hash a large value, the calling one among them."""
    return hash_pool_here.lanes()


def limit_threads(Py_ssize_t count, /):
    """Let at most ``count`` threads hash a large value; 0: one for each processor this process may use.

    Digests do not depend on it. ValueError for a negative number.
    """
    if count < 0:
        raise ValueError(f"{count} threads")
    hash_pool_limit(count)


@cython.final
cdef class Hasher:
    """XXH3-128 over pieces: ``update`` any number of times, ``digest`` whenever wanted.

    A hasher belongs to one thread at a time: RuntimeError where another one is in the middle of an update.
    """

    cdef xxh3_state *_state
    cdef bint _busy     # the GIL is let go within an update, and two at once would write past the state's buffer

    def __cinit__(self):
        self._state = hash_state_new()
        if self._state == NULL:
            raise MemoryError

    def __dealloc__(self):
        hash_state_free(self._state)

    cdef int _check_idle(self) except -1:
        if self._busy:
            raise RuntimeError("another thread is in the middle of an update of this hasher")
        return 0

    def update(self, data, /):
        """Add the bytes of a C-contiguous buffer; raises as ``xxh3_128`` does."""
        cdef Py_buffer view
        PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
        try:
            self._check_idle()
            if view.len < XXH3_GIL_BYTES:
                xxh3_feed(self._state, view.buf, view.len)
                return
            self._busy = True
            with nogil:
                xxh3_feed(self._state, view.buf, view.len)
            self._busy = False
        finally:
            PyBuffer_Release(&view)

    def digest(self):
        """The 16 bytes over everything so far; more may follow."""
        self._check_idle()
        cdef bytes digest = PyBytes_FromStringAndSize(NULL, XXH3_DIGEST_BYTES)
        xxh3_finish(self._state, <uint8_t *>PyBytes_AS_STRING(digest))
        return digest
