"""Writing a segment: cells are appended to a temporary file that gets its name when it is whole."""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import TracebackType

from mlops_core.engine._hash import xxh3_128
from mlops_core.engine._map import page_size
from mlops_core.engine.cells import CellRow, GrownRow, Part, SegmentRow
from mlops_core.files.atomic import discard, publish, set_aside
from mlops_core.files.layer import FileLayer
from mlops_core.files.signature import stat_signature
from mlops_core.files.sync_queue import NewFile
from mlops_core.store import layout
from mlops_core.store.appender import Appender
from mlops_core.store.batch import SMALL_CELL, Batch, Pieces
from mlops_core.store.check import check_segment
from mlops_core.store.growth import GROWABLE, Candidate, contiguous, head_of, longest_start
from mlops_core.store.leases import Lease
from mlops_core.store.leftovers import new_temporary
from mlops_core.store.places import Places
from mlops_core.store.stock import Stock
from mlops_core.store.written import Written

#: The signature of a file that is not known to be on the disk: no file has it, so a reader checks the bytes.
UNSETTLED = (0, 0, 0, 0)


class SegmentWriter:
    """A sink for cells: called with a digest and the pieces of its bytes, it keeps what is not stored yet.

    As a context manager it aborts unless it was committed. Raises OSError as the disk does; nothing of the
    batch is visible then. What it counts on (cells that are stored already, the new segment) is leased until
    ``release``, which the caller owes once the result is recorded; a writer that is dropped releases it, too.
    Small cells are always handed over again: their row is written in one transaction with what needs them.
    Where there is ``later``, it is called with the segment at the release, to bring it to the disk; else
    ``commit`` does that.
    """

    def __init__(
        self,
        places: Places,
        stock: Stock,
        layer: FileLayer,
        later: Callable[[Sequence[NewFile]], None] | None = None,
    ) -> None:
        self._places = places
        self._stock = stock
        self._layer = layer
        self._later = later
        self._unsettled: list[NewFile] = []
        self._batch = Batch(max(layout.ALIGNMENT, page_size()))
        self._seen: set[bytes] = set()
        self._temporary = ""
        self._descriptor = -1
        self._file: Appender | None = None
        self._closed = False
        self._is_whole = False  # committed, and not released yet
        self._lease = Lease(places, layer)

    def __call__(self, digest: bytes, pieces: Pieces) -> None:
        self._check_open()
        if digest in self._seen:
            return
        length = sum(memoryview(piece).nbytes for piece in pieces)
        if length < SMALL_CELL:
            self._batch.small[digest] = b"".join(pieces)
        elif not self._stored(digest):
            self._add(digest, pieces, length)
        self._seen.add(digest)

    @property
    def size(self) -> int:
        """Bytes that the batch takes so far, those that are not written yet included."""
        return (self._file.end if self._file else 0) + sum(map(len, self._batch.small.values()))

    def add_row(self, cell: CellRow, data: bytes) -> None:
        """Keep a cell in one piece: ``data`` is in the coding that ``cell`` names."""
        self._check_open()
        if cell.digest not in self._seen:
            if cell.coding and self._file is None:  # packed cells are among themselves: nothing maps them
                self._batch.alignment = layout.PACKED_ALIGNMENT
            self._batch.append(self._opened(), cell._replace(segment=""), (data,))
            self._seen.add(cell.digest)

    def list_grown(self, row: GrownRow) -> None:
        """List a cell whose parts are stored elsewhere."""
        self._check_open()
        self._opened()
        self._batch.grow(row._replace(segment=""))

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("this writer was committed or aborted")

    def _stored(self, digest: bytes) -> bool:
        """Whether a cell is there already, and stays there until the lease ends."""
        if not self._stock.knows(digest):
            return False
        with self._lease.publishing([digest]):
            return self._stock.holds(digest)

    def _add(self, digest: bytes, pieces: Pieces, length: int) -> None:
        if length < GROWABLE:
            self._batch.append(self._opened(), CellRow(digest, "", 0, length), pieces)
            return
        head = head_of(pieces)
        if not self._grow(GrownRow(digest, "", (), head), pieces):
            self._batch.append(self._opened(), CellRow(digest, "", 0, length, head), pieces)

    def _grow(self, row: GrownRow, pieces: Pieces) -> bool:
        """Put a cell together from what is there and what is new, if that is worth it."""
        candidates = [*self._begun(row.head), *self._stock.alike(row.head)]
        if not candidates:
            return False
        whole = contiguous(pieces)
        start = longest_start(whole, candidates, self._batch.alignment)
        if not start.parts or not self._lie([part.digest for part in start.parts]):
            return False
        self._opened()  # whose table lists it
        self._batch.grow(row._replace(parts=(*start.parts, *self._rest(whole[start.length :]))))
        return True

    def _begun(self, head: int) -> Iterator[Candidate]:
        """The cells of this batch that begin alike."""
        for parts in self._batch.begun(head):
            yield Candidate(parts, partial(self._read, parts))

    def _read(self, parts: tuple[Part, ...]) -> bytes | None:
        contents: list[bytes | memoryview] = []
        for part in parts:
            own = self._batch.read(self._opened(), part)
            content = self._stock.read(part.digest) if own is None else own
            if content is None:
                return None
            contents.append(memoryview(content)[: part.length])
        return b"".join(contents)

    def _lie(self, digests: list[bytes]) -> bool:
        """Whether cells are there in one piece, and stay there until the lease ends."""
        others = [digest for digest in digests if digest not in self._batch]
        if not others:
            return True
        with self._lease.publishing(others):
            return self._stock.lie(others)

    def _rest(self, rest: memoryview) -> list[Part]:
        """What is new of a grown cell, as a cell of its own."""
        if not rest.nbytes:
            return []
        digest = xxh3_128(rest)
        if rest.nbytes < SMALL_CELL:
            self._batch.small[digest] = bytes(rest)
        elif digest not in self._batch and not (self._stock.knows(digest) and self._lie([digest])):
            self._batch.append(self._opened(), CellRow(digest, "", 0, rest.nbytes), (rest,))
        return [Part(digest, rest.nbytes)]

    def _opened(self) -> Appender:
        if self._file is None:
            self._temporary, self._descriptor = new_temporary(self._places.temporary, self._layer)
            self._file = Appender(self._descriptor, self._layer)
            self._file.append([layout.header(self._batch.alignment)])
        return self._file

    def commit(self) -> Written:
        """Give the batch its final name, and bring it to the disk. The caller records the result."""
        self._check_open()
        try:
            segment = self._finish(self._file) if self._file else None
        except BaseException:
            self.abort()
            raise
        self._closed = True
        self._is_whole = True
        batch, id = self._batch, segment.id if segment else ""
        cells = [cell._replace(segment=id) for cell in batch.cells]
        grown = [row._replace(segment=id) for row in batch.grown]
        return Written(segment, cells, list(batch.small.items()), grown)

    def _finish(self, file: Appender) -> SegmentRow:
        table_offset, batch = layout.table_offset(file.end), self._batch
        tail, digest = layout.table_and_footer(batch.cells, batch.grown, batch.alignment, table_offset)
        file.append([bytes(table_offset - file.end), tail])
        file.flush()
        self._layer.protect(self._descriptor, 0o444)
        if self._later is None:
            self._layer.sync(self._descriptor)
        final = self._places.segment(digest.hex())
        with self._lease.publishing([digest]):  # upkeep removes files that no row and no lease knows
            if self._already_there(final, digest.hex()):
                discard(self._temporary, layer=self._layer)
            elif self._later is None:
                publish(self._temporary, final, layer=self._layer)
            else:
                self._layer.rename(self._temporary, final)
        self._close()
        return self._row(digest.hex(), final)

    def _row(self, segment: str, path: str) -> SegmentRow:
        status = os.stat(path)
        signature = stat_signature(status)
        if self._later is None:
            return SegmentRow(segment, status.st_size, signature)
        self._unsettled = [NewFile(segment, path, signature)]
        return SegmentRow(segment, status.st_size, UNSETTLED)

    def _already_there(self, final: str, segment: str) -> bool:
        """Whether another writer's file of this content is there and whole; a damaged one is set aside."""
        try:
            descriptor = os.open(final, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            whole = not check_segment(descriptor, segment).faults
        finally:
            os.close(descriptor)
        if not whole:
            set_aside(final, self._places.damaged, layer=self._layer)
        return whole

    def release(self) -> None:
        """What was written is recorded: upkeep may judge by the records alone again."""
        self._lease.release()
        if self._is_whole and self._later is not None:
            self._later(self._unsettled)
        self._is_whole = False

    def forget(self) -> None:
        """What was written will not be recorded: its file is upkeep's."""
        self._is_whole = False
        self.release()

    def abort(self) -> None:
        """Drop the batch; nothing happens where it was committed."""
        if self._closed:
            return
        self._closed = True
        self.release()
        if self._descriptor >= 0:
            discard(self._temporary, layer=self._layer)
            self._close()

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            self._layer.close(descriptor)

    def __enter__(self) -> "SegmentWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.abort()
