"""Writing a segment: cells are appended to a temporary file that gets its name when it is whole."""

import os
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import NamedTuple

from mlops_core.engine._map import page_size
from mlops_core.engine.cells import CellRow, SegmentRow
from mlops_core.files.atomic import discard, publish, set_aside
from mlops_core.files.layer import FileLayer
from mlops_core.files.signature import stat_signature
from mlops_core.store import layout
from mlops_core.store.appender import Appender
from mlops_core.store.check import check_segment
from mlops_core.store.leases import Lease
from mlops_core.store.leftovers import new_temporary
from mlops_core.store.places import Places

#: Cells of fewer bytes than this are kept in the index: a page each in a file would waste most of it.
SMALL_CELL = 4096


class Written(NamedTuple):
    """What a batch added, to be recorded in one transaction with what needs it.

    ``segment`` is None where no new large cell came; ``small`` are pairs of digest and bytes.
    """

    segment: SegmentRow | None
    cells: list[CellRow]
    small: list[tuple[bytes, bytes]]

    @property
    def nbytes(self) -> int:
        """Bytes that the batch takes on disk."""
        return (self.segment.size if self.segment else 0) + sum(len(data) for _, data in self.small)


class SegmentWriter:
    """A sink for cells: called with a digest and the pieces of its bytes, it keeps what is not stored yet.

    As a context manager it aborts unless it was committed. Raises OSError as the disk does; nothing of the
    batch is visible then. What it counts on (cells that are stored already, the new segment) is leased until
    ``release``, which the caller owes once the result is recorded; a writer that is dropped releases it, too.
    Small cells are always handed over again: their row is written in one transaction with what needs them.
    """

    def __init__(self, places: Places, holds: Callable[[bytes], bool], layer: FileLayer) -> None:
        self._places = places
        self._holds = holds
        self._layer = layer
        self._alignment = max(layout.ALIGNMENT, page_size())
        self._seen: set[bytes] = set()
        self._cells: list[CellRow] = []
        self._small: list[tuple[bytes, bytes]] = []
        self._temporary = ""
        self._descriptor = -1
        self._file: Appender | None = None
        self._closed = False
        self._lease = Lease(places, layer)

    def __call__(self, digest: bytes, pieces: Sequence[memoryview | bytes]) -> None:
        if self._closed:
            raise RuntimeError("this writer was committed or aborted")
        if digest in self._seen:
            return
        length = sum(memoryview(piece).nbytes for piece in pieces)
        if length < SMALL_CELL:
            self._small.append((digest, b"".join(pieces)))
        elif not self._stored(digest):
            self._append(digest, pieces, length)
        self._seen.add(digest)

    @property
    def size(self) -> int:
        """Bytes that the batch takes so far, those that are not written yet included."""
        return (self._file.end if self._file else 0) + sum(len(data) for _, data in self._small)

    def _stored(self, digest: bytes) -> bool:
        """Whether a cell is there already, and stays there until the lease ends."""
        if not self._holds(digest):
            return False
        with self._lease.publishing([digest]):
            return self._holds(digest)

    def _append(self, digest: bytes, pieces: Sequence[memoryview | bytes], length: int) -> None:
        file = self._file or self._begin()
        file.append([bytes(layout.padding(file.end, self._alignment))])
        self._cells.append(CellRow(digest, "", file.end, length))
        file.append(pieces)

    def _begin(self) -> Appender:
        self._temporary, self._descriptor = new_temporary(self._places.temporary, self._layer)
        self._file = Appender(self._descriptor, self._layer)
        self._file.append([layout.header(self._alignment)])
        return self._file

    def commit(self) -> Written:
        """Bring the batch to the disk under its final name. The caller records the result."""
        if self._closed:
            raise RuntimeError("this writer was committed or aborted")
        try:
            segment = self._finish(self._file) if self._file else None
        except BaseException:
            self.abort()
            raise
        self._closed = True
        rows = [cell._replace(segment=segment.id) for cell in self._cells] if segment else []
        return Written(segment, rows, self._small)

    def _finish(self, file: Appender) -> SegmentRow:
        table_offset = layout.table_offset(file.end)
        tail, digest = layout.table_and_footer(self._cells, self._alignment, table_offset)
        file.append([bytes(table_offset - file.end), tail])
        file.flush()
        self._layer.protect(self._descriptor, 0o444)
        self._layer.sync(self._descriptor)
        final = self._places.segment(digest.hex())
        with self._lease.publishing([digest]):  # upkeep removes files that no row and no lease knows
            if self._already_there(final, digest.hex()):
                discard(self._temporary, layer=self._layer)
            else:
                publish(self._temporary, final, layer=self._layer)
        self._close()
        status = os.stat(final)
        return SegmentRow(digest.hex(), status.st_size, stat_signature(status))

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
        """What was written is recorded, or will not be: upkeep may judge by the records alone again."""
        self._lease.release()

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
