"""What upkeep does to files: remove those that nothing needs, write half-dead ones anew, set damage aside.

What is alive is handed in. Files that are mapped by somebody may be unlinked (their bytes stay until the last
map is gone) and are never truncated or written to.
"""

import os
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from mlops_core.engine.cells import CellRow, GrownRow
from mlops_core.files.atomic import set_aside
from mlops_core.files.layer import FileLayer
from mlops_core.locks.filelock import FileLock
from mlops_core.store.layout import SUFFIX
from mlops_core.store.leases import SUFFIX as LEASE
from mlops_core.store.leases import published
from mlops_core.store.leftovers import SEGMENT, remove_leftovers
from mlops_core.store.packing import LEFT_OUT, Copy, OpenSegments, packed
from mlops_core.store.places import Places
from mlops_core.store.stock import NoStock
from mlops_core.store.writer import SegmentWriter
from mlops_core.store.written import Written


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
            for suffix in (SEGMENT, LEASE):
                remove_leftovers(self._places.temporary, self._layer, suffix)
            yield published(self._places)

    def in_use(self) -> set[bytes]:
        """The digests in use at this moment, without keeping anybody out: for a forecast."""
        return published(self._places)

    def files(self) -> dict[str, int]:
        """Every segment file by its id, with its size in bytes."""
        return {segment: status.st_size for segment, status in self._stats()}

    def written(self) -> dict[str, float]:
        """Every segment file by its id, with the Unix time at which it was written."""
        return {segment: status.st_mtime for segment, status in self._stats()}

    def _stats(self) -> Iterator[tuple[str, os.stat_result]]:
        try:
            names = os.listdir(self._places.objects)
        except FileNotFoundError:
            return
        for segment in (name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)):
            try:
                yield segment, os.stat(self._places.segment(segment))
            except FileNotFoundError:  # removed in between
                continue

    def sweep(self, keep: Container[str]) -> dict[str, int]:
        """Remove the segment files that are not to be kept; gives their ids and sizes. Called alone."""
        removed = {segment: size for segment, size in self.files().items() if segment not in keep}
        for segment in removed:
            self._layer.remove(self._places.segment(segment))
        return removed

    def rewrite(self, cells: Sequence[CellRow], grown: Sequence[GrownRow] = ()) -> Rewritten:
        """Copy cells as they lie into a new segment, each checked on the way, and list what ``grown`` says.

        The caller records it, then releases.
        """
        with OpenSegments(self._places) as opened:
            return self._written(cells, map(opened.copy, cells), grown)

    def pack(self, cells: Sequence[CellRow]) -> Rewritten:
        """Pack cells into a new segment; those that it does not make smaller are left out, too."""
        with OpenSegments(self._places) as opened:
            return self._written(cells, packed(cells, opened), ())

    def _written(
        self, cells: Sequence[CellRow], copies: Iterable[Copy], grown: Sequence[GrownRow]
    ) -> Rewritten:
        self._places.make()
        damaged = set()
        writer = SegmentWriter(self._places, NoStock(), self._layer)
        for cell, copy in zip(cells, copies, strict=True):
            if copy is None:
                damaged.add(cell.digest)
            elif copy is not LEFT_OUT:
                writer.add_row(*copy)
        for row in grown:
            writer.list_grown(row)
        return Rewritten(writer.commit(), frozenset(damaged), writer)

    def set_aside(self, segment: str) -> str | None:
        """Move a damaged segment out of the way, whole; gives where it is now, None where it is gone."""
        try:
            return set_aside(self._places.segment(segment), self._places.damaged, layer=self._layer)
        except FileNotFoundError:
            return None
