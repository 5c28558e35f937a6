"""What upkeep does to files: remove those that nothing needs, write half-dead ones anew, set damage aside.

What is alive is handed in. Files that are mapped by somebody may be unlinked (their bytes stay until the last
map is gone) and are never truncated or written to.
"""

import os
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from mlops_core.engine.cells import CellRow
from mlops_core.files.atomic import set_aside
from mlops_core.files.layer import FileLayer
from mlops_core.locks.filelock import FileLock
from mlops_core.store.check import read_cell
from mlops_core.store.layout import SUFFIX
from mlops_core.store.leases import SUFFIX as LEASE
from mlops_core.store.leases import published
from mlops_core.store.leftovers import remove_leftovers
from mlops_core.store.places import Places
from mlops_core.store.writer import SegmentWriter, Written


class Rewritten(NamedTuple):
    """Cells in a new segment, to be recorded; ``damaged`` ones were left out. ``writer`` holds the lease."""

    written: Written
    damaged: frozenset[bytes]
    writer: SegmentWriter


class Upkeep:
    """The files of one store, for whoever holds its locks."""

    def __init__(self, places: Places, layer: FileLayer) -> None:
        self._places = places
        self._layer = layer

    @contextmanager
    def alone(self) -> Iterator[set[bytes]]:
        """Keep out everybody who wants to reuse what is stored; gives the digests that are in use.

        Raises StateNotWritable.
        """
        self._places.make()
        with FileLock(self._places.lock):
            remove_leftovers(self._places.temporary, self._layer, LEASE)
            yield published(self._places)

    def in_use(self) -> set[bytes]:
        """The digests in use at this moment, without keeping anybody out: for a forecast."""
        return published(self._places)

    def files(self) -> dict[str, int]:
        """Every segment file by its id, with its size in bytes."""
        try:
            names = os.listdir(self._places.objects)
        except FileNotFoundError:
            return {}
        found = {}
        for segment in (name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)):
            try:
                found[segment] = os.stat(self._places.segment(segment)).st_size
            except FileNotFoundError:  # removed in between
                continue
        return found

    def sweep(self, keep: Container[str]) -> dict[str, int]:
        """Remove the segment files that are not to be kept; gives their ids and sizes. Called alone."""
        removed = {segment: size for segment, size in self.files().items() if segment not in keep}
        for segment in removed:
            self._layer.remove(self._places.segment(segment))
        return removed

    def rewrite(self, cells: Sequence[CellRow]) -> Rewritten:
        """Copy cells into a new segment, each checked on the way. The caller records it, then releases."""
        self._places.make()
        writer = SegmentWriter(self._places, lambda digest: False, self._layer)
        damaged = set()
        with _Opened(self._places) as opened:
            for cell in cells:
                data = opened.read(cell)
                if data is None:
                    damaged.add(cell.digest)
                else:
                    writer(cell.digest, (data,))
        return Rewritten(writer.commit(), frozenset(damaged), writer)

    def set_aside(self, segment: str) -> str | None:
        """Move a damaged segment out of the way, whole; gives where it is now, None where it is gone."""
        try:
            return set_aside(self._places.segment(segment), self._places.damaged, layer=self._layer)
        except FileNotFoundError:
            return None


class _Opened:
    """Segment files, opened one at a time: cells come segment by segment."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._segment = ""
        self._descriptor = -1

    def read(self, cell: CellRow) -> bytes | None:
        """The cell's bytes, or None where they are not its own."""
        if cell.segment != self._segment:
            self._close()
            try:
                self._descriptor = os.open(self._places.segment(cell.segment), os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return None
            self._segment = cell.segment
        return read_cell(self._descriptor, cell)

    def _close(self) -> None:
        self._segment = ""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> "_Opened":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
