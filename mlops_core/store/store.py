"""The store: cells in, memory over cells out."""

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mlops_core.engine._hash import xxh3_128
from mlops_core.engine.cells import CellRow, SegmentRow
from mlops_core.errors import DamagedState, MissingCell
from mlops_core.files.layer import DISK, FileLayer
from mlops_core.files.signature import stat_signature
from mlops_core.store.check import SegmentCheck, cell_holds, check_segment, read_table
from mlops_core.store.index import CellIndex
from mlops_core.store.layout import SUFFIX
from mlops_core.store.leases import Lease
from mlops_core.store.leftovers import remove_leftovers
from mlops_core.store.mapping import Found, one_range, single_ranges
from mlops_core.store.places import places
from mlops_core.store.recent import Recent, Sighting
from mlops_core.store.trust import HINT, Signature, Trust
from mlops_core.store.writer import SegmentWriter

if TYPE_CHECKING:
    from mlops_core.store.upkeep import Upkeep


class StoreStatus(NamedTuple):
    """What lies in the store: bytes on disk, segment files, cells in them; ``damaged`` files set aside."""

    bytes: int
    segments: int
    cells: int
    damaged: int


class Store:
    """Cells in segment files below ``folder``, found through ``index``."""

    def __init__(self, folder: str | os.PathLike[str], index: CellIndex, *, layer: FileLayer = DISK) -> None:
        self._places = places(folder)
        self._index = index
        self._layer = layer
        self._trust = Trust(self._places, index)
        self._recent = Recent()

    def writer(self) -> SegmentWriter:
        """A writer for one batch; files of writers that died are removed on the way."""
        self._places.make()
        remove_leftovers(self._places.temporary, self._layer)
        return SegmentWriter(self._places, self.holds, self._layer)

    def lease(self) -> Lease:
        """Keeps from upkeep what its holder publishes, until it is released."""
        self._places.make()
        return Lease(self._places, self._layer)

    def upkeep(self) -> "Upkeep":
        """The files, for whoever removes, compacts and repairs."""
        from mlops_core.store.upkeep import Upkeep

        return Upkeep(self._places, self._layer)

    def holds(self, cell: bytes) -> bool:
        """Whether a cell is stored and right, so that it need not be written."""
        found = self._index.find([cell]).get(cell)
        if isinstance(found, CellRow):
            return self._trust.holds(found)
        return found is not None and xxh3_128(found) == cell

    def buffer(self, cells: Sequence[bytes], *, writable: bool = False) -> memoryview:
        """The bytes of ``cells`` one after another in one range of memory.

        Read-only over the files, or private copy-on-write where ``writable``. Raises MissingCell,
        DamagedState (attributes ``cell``, ``segment``).
        """
        found, descriptors = self._opened(cells)
        try:
            return one_range(found, descriptors, writable=writable)
        finally:
            _close_all(descriptors)

    def buffers(self, cells: Sequence[bytes]) -> list[memoryview]:
        """The bytes of each of ``cells`` by itself, read-only; raises like ``buffer``."""
        found, descriptors = self._opened(cells)
        try:
            return single_ranges(found, descriptors)
        finally:
            _close_all(descriptors)

    def ensure(self, cells: Sequence[bytes]) -> None:
        """See that cells are there and right, without mapping them; raises like ``buffer``."""
        _close_all(self._opened(cells)[1])

    def _opened(self, cells: Sequence[bytes]) -> tuple[list[Found], dict[str, int]]:
        """The cells as they were found, and a descriptor for each segment needed, in which they are right."""
        sighting = self._recent.get(cells)
        descriptors = self._reopen(sighting.signatures) if sighting is not None else None
        if sighting is not None and descriptors is not None:
            return sighting.found, descriptors
        found, opened = self._looked_up(cells)
        signatures = {segment: signature for segment, (_, signature) in opened.items()}
        self._recent.keep(cells, Sighting(found, signatures))
        return found, {segment: descriptor for segment, (descriptor, _) in opened.items()}

    def _looked_up(self, cells: Sequence[bytes]) -> tuple[list[Found], dict[str, tuple[int, Signature]]]:
        """Find and open, once more where a segment was compacted in between."""
        found = self._find(cells)
        while True:
            try:
                return found, self._open(found)
            except MissingCell as missing:
                before, found = found, self._find(cells)
                if found == before:
                    self._index.forget(_cells_in(found, missing.segment), str(missing.segment))
                    raise

    def _reopen(self, signatures: dict[str, Signature]) -> dict[str, int] | None:
        """A descriptor for each segment, None where one of them is not as it was."""
        descriptors: dict[str, int] = {}
        try:
            for segment, signature in signatures.items():
                descriptor = self._trust.reopen(segment, signature)
                if descriptor is None:
                    _close_all(descriptors)
                    return None
                descriptors[segment] = descriptor
        except BaseException:  # too many open files, say
            _close_all(descriptors)
            raise
        return descriptors

    def _find(self, cells: Sequence[bytes]) -> list[Found]:
        index = self._index.find(list(dict.fromkeys(cells)))
        for cell in cells:
            found = index.get(cell)
            if found is None:
                raise MissingCell(
                    f"the cell {cell.hex()} is not in the store",
                    hint="it is written anew by the next run that needs it",
                    cell=cell,
                    segment=None,
                )
            if isinstance(found, bytes) and xxh3_128(found) != cell:
                self._index.forget([cell])
                raise DamagedState(
                    f"the small cell {cell.hex()} is damaged: its bytes have another digest",
                    hint=HINT,
                    cell=cell,
                    segment=None,
                )
        return [index[cell] for cell in cells]

    def _open(self, found: Sequence[Found]) -> dict[str, tuple[int, Signature]]:
        """A descriptor for each segment, in which the cells needed were found right, and its signature."""
        needed: dict[str, list[CellRow]] = {}
        for cell in found:
            if isinstance(cell, CellRow):
                needed.setdefault(cell.segment, []).append(cell)
        opened: dict[str, tuple[int, Signature]] = {}
        try:
            for segment, rows in needed.items():
                opened[segment] = self._trust.open(segment, rows)
        except BaseException:
            _close_all({segment: descriptor for segment, (descriptor, _) in opened.items()})
            raise
        return opened

    def segments(self) -> Iterator[str]:
        """The ids of the segment files that are there, in no order."""
        try:
            names = os.listdir(self._places.objects)
        except FileNotFoundError:
            return
        yield from (name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX))

    def check(self, segment: str) -> SegmentCheck:
        """Read one segment file and check every byte of it; changes nothing."""
        return self.inspect(segment)[1]

    def inspect(self, segment: str) -> tuple[SegmentRow, SegmentCheck]:
        """A segment file as it is now, every byte checked. Raises FileNotFoundError where it is gone."""
        descriptor = os.open(self._places.segment(segment), os.O_RDONLY | os.O_CLOEXEC)
        try:
            signature = stat_signature(os.fstat(descriptor))
            return SegmentRow(segment, signature[0], signature), check_segment(descriptor, segment)
        finally:
            os.close(descriptor)

    def reads(self, cell: CellRow) -> bool:
        """Whether an extent holds the cell's bytes now, read and checked; changes nothing."""
        try:
            descriptor = os.open(self._places.segment(cell.segment), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            return cell_holds(descriptor, cell)
        finally:
            os.close(descriptor)

    def table(self, segment: str) -> tuple[CellRow, ...]:
        """The cells a segment file lists, to rebuild an index from; ValueError where it is damaged."""
        descriptor = os.open(self._places.segment(segment), os.O_RDONLY | os.O_CLOEXEC)
        try:
            return read_table(descriptor, segment)
        finally:
            os.close(descriptor)

    def status(self) -> StoreStatus:
        """Sizes, from the files themselves; a segment whose table is damaged counts without cells."""
        files = self.upkeep().files()
        cells = 0
        for segment in files:
            try:
                cells += len(self.table(segment))
            except (ValueError, FileNotFoundError):  # damaged, or removed since it was listed
                continue
        return StoreStatus(sum(files.values()), len(files), cells, _files_in(self._places.damaged))


def _cells_in(found: Sequence[Found], segment: object) -> list[bytes]:
    return [row.digest for row in found if isinstance(row, CellRow) and row.segment == segment]


def _files_in(folder: str) -> int:
    return len(os.listdir(folder)) if os.path.isdir(folder) else 0


def _close_all(descriptors: dict[str, int]) -> None:
    for descriptor in descriptors.values():
        os.close(descriptor)
