"""The store: cells in, memory over cells out."""

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mlops_core.engine.cells import CellRow, SegmentRow
from mlops_core.errors import MissingCell
from mlops_core.files.layer import DISK, FileLayer
from mlops_core.files.signature import stat_signature
from mlops_core.files.sync_queue import NewFile, SyncQueue
from mlops_core.store.check import SegmentCheck, cell_holds, check_segment, read_table
from mlops_core.store.found import Found, find, packed_rows, rows_by_segment
from mlops_core.store.index import CellIndex
from mlops_core.store.layout import SUFFIX, Table
from mlops_core.store.leases import Lease
from mlops_core.store.leftovers import remove_leftovers
from mlops_core.store.mapping import one_range, single_ranges
from mlops_core.store.places import places
from mlops_core.store.recent import Recent, Sighting
from mlops_core.store.stock import IndexedStock
from mlops_core.store.trust import Signature, Trust, close_all
from mlops_core.store.unpacking import in_memory, unpack
from mlops_core.store.writer import SegmentWriter

if TYPE_CHECKING:
    from mlops_core.store.upkeep import Upkeep


class StoreStatus(NamedTuple):
    """What lies in the store: bytes on disk, segment files, cells in them; ``damaged`` files set aside.

    ``packed`` of the bytes hold ``unpacked`` bytes of cells.
    """

    bytes: int
    segments: int
    cells: int
    damaged: int
    packed: int = 0
    unpacked: int = 0


class Store:
    """Cells in segment files below ``folder``, found through ``index``.

    With ``syncs`` segments go to the disk in batches, after they were recorded; without, before.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        index: CellIndex,
        *,
        layer: FileLayer = DISK,
        syncs: SyncQueue | None = None,
    ) -> None:
        self._places = places(folder)
        self._index = index
        self._layer = layer
        self._trust = Trust(self._places, index)
        self._recent = Recent()
        self._stock = IndexedStock(index, self._trust, self._look)
        self._syncs = syncs
        self._is_made = False

    def writer(self) -> SegmentWriter:
        """A writer for one batch; files of writers that died are removed with the first.

        Raises what the disk refused of an earlier batch: DiskFull, StateNotWritable.
        """
        if not self._is_made or not self._places.are_made():
            self._places.make()
            remove_leftovers(self._places.temporary, self._layer)
            self._is_made = True
        if self._syncs is None:
            return SegmentWriter(self._places, self._stock, self._layer)
        self._syncs.check()
        return SegmentWriter(self._places, self._stock, self._layer, self._recorded)

    def _recorded(self, files: Sequence[NewFile]) -> None:
        """A batch is recorded: this process knows what it wrote, others check it until it is on the disk."""
        assert self._syncs is not None
        for file in files:
            self._trust.wrote(file.name, file.signature)
        self._syncs.add(files)

    def settled(self, files: Sequence[NewFile]) -> None:
        """The disk has these segments: from now on everybody may use them unchecked."""
        for file in files:
            self._index.verified(file.name, file.signature)

    def lost(self, files: Sequence[NewFile]) -> None:
        """The disk refused these segments: what memory still shows of them may be gone in a moment."""
        self._trust.doubt([file.name for file in files])
        self._recent = Recent()

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
        return self._stock.holds(cell)

    def buffer(self, cells: Sequence[bytes], *, writable: bool = False) -> memoryview:
        """The bytes of ``cells`` one after another in one range of memory.

        Read-only over the files, or private copy-on-write where ``writable``. Packed cells are unpacked into
        a new file first. Raises MissingCell, DamagedState (attributes ``cell``, ``segment``).
        """
        found, descriptors = self._mappable(cells)
        try:
            return one_range(found, descriptors, writable=writable)
        finally:
            close_all(descriptors)

    def buffers(self, cells: Sequence[bytes]) -> list[memoryview]:
        """The bytes of each of ``cells`` by itself, read-only; as ``buffer`` otherwise."""
        found, descriptors = self._mappable(cells)
        try:
            return single_ranges(found, descriptors)
        finally:
            close_all(descriptors)

    def peek(self, cells: Sequence[bytes]) -> memoryview:
        """As ``buffer``, but packed cells are unpacked into memory alone: nothing is written."""
        sighting, descriptors = self._opened(cells)
        try:
            return one_range(self._in_memory(sighting, descriptors), descriptors, writable=False)
        finally:
            close_all(descriptors)

    def _look(self, found: Sequence[Found]) -> memoryview:
        """Memory over cells just found, of which none is packed; raises like ``buffer``."""
        descriptors = {segment: descriptor for segment, (descriptor, _) in self._open(found).items()}
        try:
            return one_range(found, descriptors, writable=False)
        finally:
            close_all(descriptors)

    def ensure(self, cells: Sequence[bytes]) -> None:
        """See that cells are there and right, without mapping them; raises like ``buffer``."""
        close_all(self._opened(cells)[1])

    def files_of(self, cells: Sequence[bytes]) -> list[str]:
        """The paths of the segment files that hold these cells. Raises MissingCell, DamagedState."""
        return [self._places.segment(segment) for segment in rows_by_segment(find(self._index, cells))]

    def _mappable(self, cells: Sequence[bytes]) -> tuple[list[Found], dict[str, int]]:
        """As ``_opened``, with nothing that is packed; where it cannot be written it is held in memory."""
        sighting, descriptors = self._opened(cells)
        if not sighting.packed:
            return sighting.found, descriptors
        try:
            unpacked = unpack(sighting.packed, descriptors, self._places, self._index, self._layer)
            if not unpacked:
                return self._in_memory(sighting, descriptors), descriptors
        except BaseException:
            close_all(descriptors)
            raise
        close_all(descriptors)
        sighting, descriptors = self._opened_anew(cells)
        return self._in_memory(sighting, descriptors), descriptors

    def _in_memory(self, sighting: Sighting, descriptors: dict[str, int]) -> list[Found]:
        return in_memory(sighting.found, descriptors, self._index) if sighting.packed else sighting.found

    def _opened(self, cells: Sequence[bytes]) -> tuple[Sighting, dict[str, int]]:
        """The cells as they were found, and a descriptor for each segment needed, in which they are right."""
        sighting = self._recent.get(cells)
        descriptors = self._reopen(sighting.signatures) if sighting is not None else None
        if sighting is not None and descriptors is not None:
            return sighting, descriptors
        return self._opened_anew(cells)

    def _opened_anew(self, cells: Sequence[bytes]) -> tuple[Sighting, dict[str, int]]:
        found, opened = self._looked_up(cells)
        signatures = {segment: signature for segment, (_, signature) in opened.items()}
        sighting = Sighting(found, signatures, packed_rows(found))
        self._recent.keep(cells, sighting)
        return sighting, {segment: descriptor for segment, (descriptor, _) in opened.items()}

    def _looked_up(self, cells: Sequence[bytes]) -> tuple[list[Found], dict[str, tuple[int, Signature]]]:
        """Find and open, once more where a segment was compacted in between."""
        found = find(self._index, cells)
        while True:
            try:
                return found, self._open(found)
            except MissingCell as missing:
                before, found = found, find(self._index, cells)
                if found == before:
                    gone = rows_by_segment(found).get(str(missing.segment), [])
                    self._index.forget([row.digest for row in gone], str(missing.segment))
                    raise

    def _reopen(self, signatures: dict[str, Signature]) -> dict[str, int] | None:
        """A descriptor for each segment, None where one of them is not as it was."""
        descriptors: dict[str, int] = {}
        try:
            for segment, signature in signatures.items():
                descriptor = self._trust.reopen(segment, signature)
                if descriptor is None:
                    close_all(descriptors)
                    return None
                descriptors[segment] = descriptor
        except BaseException:  # too many open files, say
            close_all(descriptors)
            raise
        return descriptors

    def _open(self, found: Sequence[Found]) -> dict[str, tuple[int, Signature]]:
        """A descriptor for each segment, in which the cells needed were found right, and its signature."""
        opened: dict[str, tuple[int, Signature]] = {}
        try:
            for segment, rows in rows_by_segment(found).items():
                opened[segment] = self._trust.open(segment, rows)
        except BaseException:
            close_all({segment: descriptor for segment, (descriptor, _) in opened.items()})
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

    def table(self, segment: str) -> Table:
        """The cells a segment file lists, to rebuild an index from; ValueError where it is damaged."""
        descriptor = os.open(self._places.segment(segment), os.O_RDONLY | os.O_CLOEXEC)
        try:
            return read_table(descriptor, segment)
        finally:
            os.close(descriptor)

    def status(self) -> StoreStatus:
        """Sizes, from the files themselves; a segment whose table is damaged counts without cells."""
        files = self.upkeep().files()
        count = packed = unpacked = 0
        for segment in files:
            try:
                cells = self.table(segment).cells
            except (ValueError, FileNotFoundError):  # damaged, or removed since it was listed
                continue
            count += len(cells)
            packed += sum(cell.stored for cell in cells)
            unpacked += sum(cell.length for cell in cells if cell.coding)
        damaged = _files_in(self._places.damaged)
        return StoreStatus(sum(files.values()), len(files), count, damaged, packed, unpacked)


def _files_in(folder: str) -> int:
    return len(os.listdir(folder)) if os.path.isdir(folder) else 0
