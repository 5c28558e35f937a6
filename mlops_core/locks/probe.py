"""Whether locks work in a folder: some file systems refuse them, some grant everybody everything."""

import fcntl
import os
from contextlib import suppress


def locks_work(folder: str | os.PathLike[str]) -> bool:
    """Whether a second holder is kept out, tried with a file that goes with the call.

    Tells nothing about holders on other machines. Raises OSError where no file can be made.
    """
    path = os.path.join(folder, f".lock-probe.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    first = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    second = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        return _taken(first) and not _taken(second)
    finally:
        os.close(first)
        os.close(second)
        with suppress(OSError):
            os.unlink(path)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
