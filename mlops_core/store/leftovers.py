"""Temporary files of writers, and removing those whose writer is dead.

A writer holds a ``flock`` on its file: one that can be locked belongs to nobody.
"""

import fcntl
import os

from mlops_core.files.atomic import discard
from mlops_core.files.layer import FileLayer

_SUFFIX = ".segment.tmp"


def new_temporary(folder: str, layer: FileLayer) -> tuple[str, int]:
    """``(path, descriptor)`` of a new file, locked by this writer."""
    while True:
        path = os.path.join(folder, f"{os.getpid()}-{os.urandom(6).hex()}{_SUFFIX}")
        descriptor = layer.create(path)
        # Between making and locking it another process may have taken it for a dead writer's.
        if _lock(descriptor) and os.fstat(descriptor).st_nlink:
            return path, descriptor
        discard(path, layer=layer)
        layer.close(descriptor)


def remove_leftovers(folder: str, layer: FileLayer) -> list[str]:
    """Remove the files of writers that died; gives their paths. Files of living writers stay."""
    removed = []
    for name in _names(folder):
        path = os.path.join(folder, name)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            if _lock(descriptor):
                discard(path, layer=layer)
                removed.append(path)
        finally:
            os.close(descriptor)
    return removed


def _names(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if name.endswith(_SUFFIX)]
    except FileNotFoundError:
        return []


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
