"""A lock between processes on a file of its own.

``flock`` belongs to the open file, so the kernel drops it when its holder dies, however it dies. Two things
would break that: a child that inherits the descriptor keeps a dead parent's lock, so the descriptor is
closed in forked children and by ``exec``; and a lock file that is unlinked lets two holders lock two files
of one name, so it is never unlinked here, and one that somebody else removed is noticed.
"""

import errno
import fcntl
import os
from types import TracebackType

from mlops_core.errors import DiskFull, StateNotWritable

_held: set[int] = set()


def _close_in_child() -> None:
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_close_in_child)


class FileLock:
    """Exclusive or shared lock on the file at ``path``, which is made when it is not there.

    As a context manager it waits for the lock. One object is one holder: two objects in one process exclude
    each other like two processes do. Raises StateNotWritable where the file cannot be opened.
    """

    __slots__ = ("_descriptor", "_owner", "path", "shared")

    def __init__(self, path: str | os.PathLike[str], *, shared: bool = False) -> None:
        self.path = os.fspath(path)
        self.shared = shared
        self._descriptor = -1
        self._owner = 0

    @property
    def held(self) -> bool:
        """Whether this process holds the lock through this object."""
        return self._descriptor >= 0 and self._owner == os.getpid()

    def acquire(self, *, wait: bool = True) -> bool:
        """Take the lock; False where ``wait`` is False and another holder has it.

        Raises RuntimeError where this object already holds it.
        """
        if self.held:
            raise RuntimeError(f"this lock on {self.path} is already held")
        while True:
            descriptor = self._open()
            if not self._lock(descriptor, wait):
                return False
            if _is_at(descriptor, self.path):
                self._descriptor, self._owner = descriptor, os.getpid()
                return True
            _close(descriptor)

    def release(self) -> None:
        """Give the lock back; nothing happens where it is not held."""
        if self.held:
            _close(self._descriptor)
        self._descriptor = -1

    def _open(self) -> int:
        # A shared lock needs no right to write: readers of a read-only state folder take it, too.
        access = os.O_RDONLY if self.shared and os.path.exists(self.path) else os.O_RDWR
        try:
            descriptor = os.open(self.path, access | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(
                    f"no room for the lock file {self.path}", hint="make room on the disk"
                ) from error
            raise StateNotWritable(
                f"cannot open the lock file {self.path}: {error.strerror}",
                hint="make the folder writable, or keep the state elsewhere: MLOPS_STATE_DIR=/some/folder",
                path=self.path,
            ) from error
        _held.add(descriptor)
        return descriptor

    def _lock(self, descriptor: int, wait: bool) -> bool:
        kind = (fcntl.LOCK_SH if self.shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        try:
            fcntl.flock(descriptor, kind)
        except OSError as error:
            _close(descriptor)
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                return False
            raise no_locks(self.path, error) from error
        except BaseException:
            _close(descriptor)
            raise
        return True

    def __enter__(self) -> "FileLock":
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def __del__(self) -> None:
        # After a fork the child's copy of this object must not close a number that is something else by now.
        if self.held:
            _close(self._descriptor)


def no_locks(path: str, error: OSError) -> StateNotWritable:
    """The refusal of a folder whose file system has no working locks: without them two runs destroy data."""
    return StateNotWritable(
        f"the file system of {os.path.dirname(path)} does not lock files: {error.strerror}",
        hint="keep the state in a folder on a local disk: MLOPS_STATE_DIR=/some/folder (`mlops doctor` looks"
        " at the file system)",
        path=path,
    )


def _close(descriptor: int) -> None:
    _held.discard(descriptor)
    os.close(descriptor)


def _is_at(descriptor: int, path: str) -> bool:
    """Whether the open file is the one that has the name now."""
    try:
        named = os.stat(path)
    except FileNotFoundError:
        return False
    opened = os.fstat(descriptor)
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)
