"""Cells: in which segment, and where in it, the bytes of a digest lie. Small ones lie here."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from mlops_core.engine._hash import xxh3_128
from mlops_core.engine.cells import CellRow, SegmentRow
from mlops_core.errors import MissingCell
from mlops_core.metadata.database import Database
from mlops_core.metadata.sealed import SealedTable


class Written(Protocol):
    """What a segment writer has written: its segment, the cells in it, and (digest, bytes) of small cells."""

    @property
    def segment(self) -> SegmentRow | None: ...
    @property
    def cells(self) -> Sequence[CellRow]: ...
    @property
    def small(self) -> Sequence[tuple[bytes, bytes]]: ...


class _Segment(NamedTuple):
    number: int
    id: str
    size: int
    signature: str


class _Cell(NamedTuple):
    digest: bytes
    segment: int
    offset: int
    length: int


SEGMENTS = SealedTable("segments", _Segment)
CELLS = SealedTable("cells", _Cell)
_NEXT_SEGMENT = "SELECT coalesce(max(number), 0) + 1 FROM segments"
_SEGMENT_BY_ID = f"{SEGMENTS.select} WHERE id = ?"
_SEGMENT_BY_NUMBER = f"{SEGMENTS.select} WHERE number = ?"
_ADD_CELL = CELLS.upsert("digest")
_ADD_SMALL = (
    "INSERT INTO small_cells (digest, content) VALUES (?, ?)"
    " ON CONFLICT (digest) DO UPDATE SET content = excluded.content WHERE content IS NOT excluded.content"
)
_FORGET_IN_SEGMENT = (
    "DELETE FROM cells WHERE digest = ? AND segment = (SELECT number FROM segments WHERE id = ?)"
)
_BATCH = 64  # digests a statement; one statement for one digest and one for a batch stay prepared


def add(tx: sqlite3.Connection, written: Written) -> None:
    """Record what was written, in the transaction that records what needs it.

    A cell that is there already moves to the new segment: both hold the same bytes.
    """
    if written.segment is not None:
        number = _add_segment(tx, written.segment)
        cells = (CELLS.sealed((cell.digest, number, cell.offset, cell.length)) for cell in written.cells)
        tx.executemany(_ADD_CELL, cells)
    tx.executemany(_ADD_SMALL, written.small)


def _add_segment(tx: sqlite3.Connection, segment: SegmentRow) -> int:
    """The segment's number; a file of the same content, written again, replaces the row of the first."""
    known = tx.execute("SELECT number FROM segments WHERE id = ?", (segment.id,)).fetchone()
    (number,) = known or tx.execute(_NEXT_SEGMENT).fetchone()
    row = SEGMENTS.sealed((number, segment.id, segment.size, _signature_text(segment.signature)))
    if known:
        tx.execute(SEGMENTS.update("number"), (*row, number))
    else:
        tx.execute(SEGMENTS.insert, row)
    return int(number)


class SqliteCellIndex:
    """The store's index (its ``CellIndex``) in the database."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._ids: dict[int, str] = {}
        self._verified: dict[str, tuple[int, int, int, int]] = {}

    def find(self, cells: Sequence[bytes]) -> dict[bytes, CellRow | bytes]:
        """Where each cell lies, or the content of a small one; cells that are not there are left out.

        A damaged row counts as not there; ``db.damage.about("cells", digest)`` then says so.
        """
        found: dict[bytes, CellRow | bytes] = {}
        for start in range(0, len(cells), _BATCH):
            batch = cells[start : start + _BATCH]
            asked = [batch[0]] if len(batch) == 1 else [*batch, *[batch[0]] * (_BATCH - len(batch))]
            found.update(self._big(asked))
            missing = [digest for digest in asked if digest not in found]
            if missing:
                found.update(self._small(missing if len(asked) == 1 else asked))
        return found

    def segment(self, id: str) -> SegmentRow:
        """The segment of that id. Raises MissingCell where there is none that is intact."""
        rows = SEGMENTS.intact(self._db.query(_SEGMENT_BY_ID, (id,)), self._db.damage, id)
        if not rows or rows[0].id != id:
            raise MissingCell(
                f"the index has no intact row for segment {id}",
                hint="Run the pipeline again: what is missing is computed anew.",
                segment=id,
            )
        row = segment_row(rows[0])
        return row._replace(signature=self._verified.get(id) or row.signature)

    def verified(self, segment_id: str, signature: tuple[int, int, int, int]) -> None:
        """Note that every cell of a segment was checked while its file had this stat signature.

        A database that may not be written forgets it at the end of the process.
        """
        if self._db.readonly:
            self._verified[segment_id] = signature
            return
        with self._db.transaction() as tx:
            found = tx.execute(_SEGMENT_BY_ID, (segment_id,)).fetchall()
            for row in SEGMENTS.intact(found, self._db.damage, segment_id):
                changed = row._replace(signature=_signature_text(signature))
                tx.execute(SEGMENTS.update("number"), (*SEGMENTS.sealed(changed), row.number))

    def forget(self, cells: Iterable[bytes], segment: str | None = None) -> None:
        """Take damaged cells out of the index: whoever needs them computes them again.

        With ``segment`` only those that lie there; one that was moved in between stays.
        """
        keys = [(digest,) for digest in cells]
        if self._db.readonly or not keys:
            return
        with self._db.transaction() as tx:
            if segment is not None:
                tx.executemany(_FORGET_IN_SEGMENT, [(*key, segment) for key in keys])
                return
            tx.executemany("DELETE FROM cells WHERE digest = ?", keys)
            tx.executemany("DELETE FROM small_cells WHERE digest = ?", keys)

    def _big(self, asked: Sequence[bytes]) -> dict[bytes, CellRow | bytes]:
        wanted = set(asked)
        found: dict[bytes, CellRow | bytes] = {}
        for stored in self._db.query(f"{CELLS.select} WHERE digest IN ({_marks(asked)})", asked):
            for row in CELLS.intact([stored], self._db.damage, stored[0]):
                segment = self._segment_id(row.segment)
                if segment is not None and row.digest in wanted:
                    found[row.digest] = CellRow(row.digest, segment, row.offset, row.length)
        return found

    def _small(self, asked: Sequence[bytes]) -> dict[bytes, CellRow | bytes]:
        sql = f"SELECT digest, content FROM small_cells WHERE digest IN ({_marks(asked)})"
        found: dict[bytes, CellRow | bytes] = {}
        for digest, content in self._db.query(sql, asked):
            if isinstance(content, bytes) and xxh3_128(content) == digest:
                found[digest] = content
            else:
                self._db.damage.note("cells", digest, "a small cell does not match its digest")
        return found

    def _segment_id(self, number: int) -> str | None:
        if number not in self._ids:
            found = self._db.query(_SEGMENT_BY_NUMBER, (number,))
            for row in SEGMENTS.intact(found, self._db.damage, number):
                self._ids[number] = row.id
        return self._ids.get(number)


def segment_row(row: _Segment) -> SegmentRow:
    """A stored row as the store knows segments."""
    return SegmentRow(row.id, row.size, _signature(row.signature))


def _marks(asked: Sequence[bytes]) -> str:
    return ", ".join("?" * len(asked))


def _signature_text(signature: tuple[int, int, int, int]) -> str:
    """As text, because an inode number may have 64 bits and SQLite's integers have 63."""
    return ":".join(map(str, signature))


def _signature(text: str) -> tuple[int, int, int, int]:
    size, mtime, ctime, inode = map(int, text.split(":"))
    return size, mtime, ctime, inode
