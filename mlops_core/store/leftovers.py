"""Temporary files, and removing those whose maker is dead.

Whoever makes one holds a ``flock`` on it: one that can be locked belongs to nobody.
"""

import fcntl
import os

from mlops_core.files.atomic import discard
from mlops_core.files.layer import FileLayer

SEGMENT = ".segment.tmp"
#: NFS makes of an exclusive ``flock`` a lock for writing, and refuses it for a file that is open to be read.
_ACCESS = os.O_RDWR | os.O_CLOEXEC


def new_temporary(folder: str, layer: FileLayer, suffix: str = SEGMENT) -> tuple[str, int]:
    """``(path, descriptor)`` of a new file, locked by this process."""
    while True:
        path = os.path.join(folder, f"{os.getpid()}-{os.urandom(6).hex()}{suffix}")
        descriptor = layer.create(path)
        # Between making and locking it another process may have taken it for a dead one's.
        if _lock(descriptor) and os.fstat(descriptor).st_nlink:
            return path, descriptor
        discard(path, layer=layer)
        layer.close(descriptor)


def remove_leftovers(folder: str, layer: FileLayer, suffix: str = SEGMENT) -> list[str]:
    """Remove the files whose makers died; gives their paths. Files of living ones stay."""
    removed = []
    for path in temporaries(folder, suffix):
        try:
            descriptor = os.open(path, _ACCESS)
        except OSError:
            continue
        try:
            if _lock(descriptor):
                discard(path, layer=layer)
                removed.append(path)
        finally:
            os.close(descriptor)
    return removed


def is_abandoned(path: str) -> bool:
    """Whether a temporary file belongs to nobody any more, or is gone."""
    try:
        descriptor = os.open(path, _ACCESS)
    except FileNotFoundError:
        return True
    except OSError:  # another user's: it is somebody's
        return False
    try:
        return _lock(descriptor)
    finally:
        os.close(descriptor)


def temporaries(folder: str, suffix: str) -> list[str]:
    """The paths of the temporary files of a kind, in no order."""
    try:
        return [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(suffix)]
    except FileNotFoundError:
        return []


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
