"""Which digests somebody is using now: published in files, so that upkeep leaves them alone.

Whoever reuses what is stored (a writer that skips a cell, a run that takes over a value) publishes its digest
under the shared lock, and only then looks whether it is there. Upkeep takes the exclusive lock, reads what is
published and removes the rest before it gives the lock back. So what was found there stays there until the
lease is released.

A list is a file of raw digests (cells, artifacts and segments alike: 16 bytes each). Its holder has a
``flock`` on it: a list that can be locked belongs to nobody any more.
"""

import os
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType

from mlops_core.config.sizes import size_text
from mlops_core.errors import DiskFull
from mlops_core.files.atomic import discard
from mlops_core.files.layer import FileLayer
from mlops_core.files.space import free_bytes, is_full
from mlops_core.locks.filelock import FileLock
from mlops_core.store.leftovers import is_abandoned, new_temporary, temporaries
from mlops_core.store.places import Places

SUFFIX = ".lease"
_DIGEST_BYTES = 16


class Lease:
    """What one holder uses. The file is made with the first digest; ``release`` ends it for good.

    A lease that is dropped releases itself; one that a forked child inherited is not the child's.
    """

    def __init__(self, places: Places, layer: FileLayer) -> None:
        self._places = places
        self._layer = layer
        self._published: set[bytes] = set()
        self._descriptor = -1
        self._owner = 0
        self._released = False
        self._end: Callable[[], object] = lambda: None

    @contextmanager
    def publishing(self, digests: Iterable[bytes]) -> Iterator[None]:
        """Publish digests, and keep upkeep out while the block looks whether they are there.

        Raises DiskFull, OSError as the disk does, StateNotWritable.
        """
        new = [digest for digest in digests if digest not in self._published or not self._is_ours()]
        if not new or self._released:
            yield
            return
        with FileLock(self._places.lock, shared=True):
            try:
                self._publish(new)
            except OSError as error:
                if not is_full(error):
                    raise
                raise self._no_room() from error
            yield

    def release(self) -> None:
        """Give up what was published; nothing happens the second time."""
        self._released = True
        self._end()
        self._descriptor = -1

    def _publish(self, digests: list[bytes]) -> None:
        if not self._is_ours():
            path, self._descriptor = new_temporary(self._places.temporary, self._layer, SUFFIX)
            self._owner = os.getpid()
            self._published = set()
            self._end = weakref.finalize(self, _remove, path, self._descriptor, self._owner, self._layer)
        self._layer.write(self._descriptor, digests)
        self._published.update(digests)

    def _no_room(self) -> DiskFull:
        free = free_bytes(self._places.temporary)
        return DiskFull(
            f"no space left to note which stored values are in use ({size_text(free)} are free)",
            hint="make room on the disk, then give the same command again: finished steps are kept",
            free=free,
        )

    def _is_ours(self) -> bool:
        return self._descriptor >= 0 and self._owner == os.getpid()

    def __enter__(self) -> "Lease":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _remove(path: str, descriptor: int, owner: int, layer: FileLayer) -> None:
    if owner == os.getpid():
        discard(path, layer=layer)
        layer.close(descriptor)


def published(places: Places) -> set[bytes]:
    """The digests that living holders have published; asked for under the exclusive lock."""
    found: set[bytes] = set()
    for path in temporaries(places.temporary, SUFFIX):
        if not is_abandoned(path):
            found.update(_read(path))
    return found


def _read(path: str) -> list[bytes]:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:  # released in between: a holder needs no lock for that
        return []
    whole = len(data) - len(data) % _DIGEST_BYTES
    return [data[start : start + _DIGEST_BYTES] for start in range(0, whole, _DIGEST_BYTES)]
