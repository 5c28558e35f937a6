"""Cells: in which segment, and where in it, the bytes of a digest lie. Small ones lie here."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol, TypeVar

from mlops_core.engine._hash import xxh3_128
from mlops_core.engine.cells import CellRow, GrownRow, SegmentRow, pack_parts, read_parts
from mlops_core.errors import MissingCell
from mlops_core.metadata.database import Database
from mlops_core.metadata.sealed import SealedTable


class Written(Protocol):
    """What a segment writer has written: its segment, the cells in it, (digest, bytes) of small cells, and
    the cells that are put together from others."""

    @property
    def segment(self) -> SegmentRow | None: ...
    @property
    def cells(self) -> Sequence[CellRow]: ...
    @property
    def small(self) -> Sequence[tuple[bytes, bytes]]: ...
    @property
    def grown(self) -> Sequence[GrownRow]: ...


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
    head: int
    stored: int
    coding: int


class _Grown(NamedTuple):
    digest: bytes
    segment: int
    parts: bytes
    head: int


#: What the index says of a cell.
Stored = CellRow | GrownRow | bytes
_Row = TypeVar("_Row", _Cell, _Grown)
SEGMENTS = SealedTable("segments", _Segment)
CELLS = SealedTable("cells", _Cell)
GROWN = SealedTable("grown_cells", _Grown)
#: The first of a database is random: processes remember segments by number, and must not take one of a
#: database that was replaced for another.
_NEXT_SEGMENT = "SELECT coalesce(max(number), abs(random() % (1 << 48))) + 1 FROM segments"
_SEGMENT_BY_ID = f"{SEGMENTS.select} WHERE id = ?"
_SEGMENT_BY_NUMBER = f"{SEGMENTS.select} WHERE number = ?"
_ADD_CELL = CELLS.upsert("digest")
_ADD_GROWN = GROWN.upsert("digest")
_NEWEST = "SELECT digest, segment FROM {} WHERE head = ?1 AND head <> 0 ORDER BY segment DESC LIMIT 4"
_ALIKE = (
    f"SELECT digest FROM (SELECT * FROM ({_NEWEST.format('cells')}) UNION ALL"
    f" SELECT * FROM ({_NEWEST.format('grown_cells')})) ORDER BY segment DESC LIMIT 4"
)
_ADD_SMALL = (
    "INSERT INTO small_cells (digest, content) VALUES (?, ?)"
    " ON CONFLICT (digest) DO UPDATE SET content = excluded.content WHERE content IS NOT excluded.content"
)
_FORGET_IN_SEGMENT = (
    "DELETE FROM cells WHERE digest = ? AND segment = (SELECT number FROM segments WHERE id = ?)"
)
#: Where a cell can be recorded.
TABLES = ("cells", "small_cells", "grown_cells")
_BATCH = 64  # digests a statement; one statement for one digest and one for a batch stay prepared


def add(tx: sqlite3.Connection, written: Written) -> None:
    """Record what was written, in the transaction that records what needs it.

    A cell that is there already moves to the new segment: both hold the same bytes. One that was put together
    from others is in one piece then.
    """
    if written.segment is not None:
        number = _add_segment(tx, written.segment)
        tx.executemany(_ADD_CELL, (CELLS.sealed(_cell(cell, number)) for cell in written.cells))
        tx.executemany("DELETE FROM grown_cells WHERE digest = ?", [(c.digest,) for c in written.cells])
        tx.executemany(_ADD_GROWN, (GROWN.sealed(_grown(row, number)) for row in written.grown))
    tx.executemany(_ADD_SMALL, written.small)


def _cell(row: CellRow, segment: int) -> _Cell:
    return _Cell(row.digest, segment, row.offset, row.length, row.head, row.stored, row.coding)


def _grown(row: GrownRow, segment: int) -> _Grown:
    return _Grown(row.digest, segment, pack_parts(row.parts), row.head)


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

    @property
    def readonly(self) -> bool:
        """Whether nothing can be recorded."""
        return self._db.readonly

    def find(self, cells: Sequence[bytes]) -> dict[bytes, Stored]:
        """Where each cell lies, its parts, or the content of a small one; those not there are left out.

        A damaged row counts as not there; ``db.damage.about("cells", digest)`` then says so.
        """
        found: dict[bytes, Stored] = {}
        for start in range(0, len(cells), _BATCH):
            batch = cells[start : start + _BATCH]
            asked = [batch[0]] if len(batch) == 1 else [*batch, *[batch[0]] * (_BATCH - len(batch))]
            found.update(self._batch(asked))
        return found

    def _batch(self, asked: Sequence[bytes]) -> dict[bytes, Stored]:
        found = self._big(asked)
        for others in (self._small, self._grown):
            if not all(digest in found for digest in asked):
                found = {**others(asked), **found}
        return found

    def alike(self, head: int) -> list[bytes]:
        """A few of the cells that have this head, the newest first."""
        return [digest for (digest,) in self._db.query(_ALIKE, (head,))]

    def moved(self, written: Written) -> None:
        """Record that cells lie in a new segment now."""
        with self._db.transaction() as tx:
            add(tx, written)

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
            for table in TABLES:
                tx.executemany(f"DELETE FROM {table} WHERE digest = ?", keys)

    def _big(self, asked: Sequence[bytes]) -> dict[bytes, Stored]:
        found: dict[bytes, Stored] = {}
        for row, segment in self._placed(CELLS, asked):
            found[row.digest] = CellRow(row.digest, segment, *row[2:])
        return found

    def _grown(self, asked: Sequence[bytes]) -> dict[bytes, Stored]:
        found: dict[bytes, Stored] = {}
        for row, segment in self._placed(GROWN, asked):
            found[row.digest] = GrownRow(row.digest, segment, read_parts(row.parts), row.head)
        return found

    def _placed(self, table: SealedTable[_Row], asked: Sequence[bytes]) -> Iterator[tuple[_Row, str]]:
        """The intact rows of digests, and the ids of their segments."""
        wanted = set(asked)
        for stored in self._db.query(f"{table.select} WHERE digest IN ({_marks(asked)})", asked):
            for row in table.intact([stored], self._db.damage, stored[0]):
                segment = self._segment_id(row.segment)
                if segment is not None and row.digest in wanted:
                    yield row, segment

    def _small(self, asked: Sequence[bytes]) -> dict[bytes, Stored]:
        sql = f"SELECT digest, content FROM small_cells WHERE digest IN ({_marks(asked)})"
        found: dict[bytes, Stored] = {}
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
