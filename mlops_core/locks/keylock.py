"""One lock per step key, so that of two processes one computes: a byte of a single file, never a file each.

Open-file-description locks on Linux: they end with their holder, survive nothing, and threads exclude each
other as well. Elsewhere the whole file is locked.
"""

import fcntl
import os
import struct

from mlops_core.locks.filelock import no_locks

_RANGE = struct.Struct("hhqqi4x")
_SET_WAIT = getattr(fcntl, "F_OFD_SETLKW", None)


class KeyLock:
    """Context manager: hold the lock of a key (bytes, at least 8) among all processes of a state folder."""

    def __init__(self, path: str | os.PathLike[str], key: bytes) -> None:
        self._path = path
        self._offset = int.from_bytes(key[:8], "big") >> 2
        self._fd = -1

    def __enter__(self) -> "KeyLock":
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._lock()
        except OSError as error:
            os.close(self._fd)
            raise no_locks(str(self._path), error) from error
        except BaseException:
            os.close(self._fd)
            raise
        _held.add(self._fd)
        return self

    def _lock(self) -> None:
        if _SET_WAIT is None:
            fcntl.flock(self._fd, fcntl.LOCK_EX)
        else:
            fcntl.fcntl(self._fd, _SET_WAIT, _RANGE.pack(fcntl.F_WRLCK, os.SEEK_SET, self._offset, 1, 0))

    def __exit__(self, *_: object) -> None:
        _held.discard(self._fd)
        os.close(self._fd)


_held: set[int] = set()


def _forget_in_child() -> None:
    """A forked child must not keep its parent's lock alive."""
    for fd in _held:
        os.close(fd)
    _held.clear()


os.register_at_fork(after_in_child=_forget_in_child)
