"""What can still be read of a damaged database, taken over into a new one.

A row goes over only when it matches its checksum. Rows without one (lineage, source texts: no verdict and no
value depends on them) go over when they can be read and their run did. The index of cells does not go over:
the segments themselves say what is in them.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from mlops_core.engine._hash import xxh3_128
from mlops_core.metadata import artifacts, records, runs, schema, step_runs
from mlops_core.metadata.connect import open_damaged, open_new
from mlops_core.metadata.damage import DamageLog
from mlops_core.metadata.graft import grafted
from mlops_core.metadata.schema import Schema
from mlops_core.metadata.sealed import SealedTable

_FURTHEST = 1 << 40  # row numbers to look beyond a damaged place
_UNSEALED = {
    "lineage": "run_id, step_name, argument, input, text, output",
    "code_parts": "digest, label, file, source",
}


class Salvaged(NamedTuple):
    """Rows that were taken over; ``lost`` are runs and results that must have been there as well."""

    runs: int = 0
    records: int = 0
    lost_runs: int = 0
    lost_records: int = 0


def salvage(damaged: str, path: str, wanted: Schema) -> Salvaged:
    """Make a new database at ``path`` (where nothing is) with what is whole in the file ``damaged``.

    Raises sqlite3.Error, OSError only for the new one; what cannot be read of the other is left out.
    """
    with closing(open_new(path)) as fresh:
        schema.create(fresh, wanted)
        found = _read(damaged, fresh)
        if found == Salvaged():  # not even the schema, perhaps
            with TemporaryDirectory(prefix=".salvage.", suffix=".tmp", dir=os.path.dirname(path)) as folder:
                copy = os.path.join(folder, "mlops.db")
                grafted(damaged, copy, wanted)
                found = _read(copy, fresh)
        return found


def _read(damaged: str, fresh: sqlite3.Connection) -> Salvaged:
    try:
        old = open_damaged(damaged)
    except sqlite3.Error:
        return Salvaged()
    with closing(old):
        return _take_over(old, fresh)


def _take_over(old: sqlite3.Connection, fresh: sqlite3.Connection) -> Salvaged:
    fresh.execute("BEGIN IMMEDIATE")
    kept_runs, last_run = _sealed(old, fresh, runs.TABLE)
    kept_records, last_record = _sealed(old, fresh, records.TABLE)
    _sealed(old, fresh, step_runs.TABLE)
    _sealed(old, fresh, artifacts.TABLE)
    _small_cells(old, fresh)
    for table, columns in _UNSEALED.items():
        _plain(old, fresh, table, columns)
    fresh.execute("COMMIT")
    return Salvaged(kept_runs, kept_records, max(last_run - kept_runs, 0), max(last_record - kept_records, 0))


def _sealed(old: sqlite3.Connection, fresh: sqlite3.Connection, table: SealedTable[Any]) -> tuple[int, int]:
    """Take over a table's whole rows; how many, and the highest row number seen (none is ever deleted)."""
    kept, highest = 0, 0
    for number, *row in _rows(old, table.name, ", ".join((*table.columns, "seal"))):
        highest = max(highest, number)
        if table.intact([tuple(row)], DamageLog(), None):
            kept += _inserted(fresh, table.insert, row)
    return kept, highest


def _small_cells(old: sqlite3.Connection, fresh: sqlite3.Connection) -> None:
    for _, digest, content in _rows(old, "small_cells", "digest, content"):
        if isinstance(content, bytes) and xxh3_128(content) == digest:
            _inserted(fresh, "INSERT INTO small_cells (digest, content) VALUES (?, ?)", (digest, content))


def _plain(old: sqlite3.Connection, fresh: sqlite3.Connection, table: str, columns: str) -> None:
    marks = ", ".join("?" * (columns.count(",") + 1))
    for _, *row in _rows(old, table, columns):
        _inserted(fresh, f"INSERT INTO {table} ({columns}) VALUES ({marks})", row)


def _inserted(fresh: sqlite3.Connection, sql: str, row: Any) -> int:
    """1 where the row went in; 0 where its run did not, or it breaks a rule of its table."""
    try:
        fresh.execute(sql, row)
    except sqlite3.IntegrityError:
        return 0
    return 1


def _rows(old: sqlite3.Connection, table: str, columns: str) -> Iterator[tuple[Any, ...]]:
    """``(row number, *columns)`` of every row that can be read, in order, on both sides of what cannot."""
    sql = f"SELECT rowid, {columns} FROM {table} NOT INDEXED WHERE rowid > ? ORDER BY rowid"
    after = 0
    while True:
        try:
            for row in old.execute(sql, (after,)):
                after = row[0]
                yield row
            return
        except sqlite3.DatabaseError:
            beyond = _beyond(lambda place: _first(old, sql, place), after)
            if beyond is None:
                return
            after = beyond


def _beyond(is_readable: Callable[[int], bool], after: int) -> int | None:
    """The nearest row number above ``after`` beyond which rows can be read again; None without one."""
    step = 1
    while not is_readable(after + step):
        step *= 2
        if step > _FURTHEST:
            return None
    low, high = after + step // 2, after + step
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_readable(middle) else (middle, high)
    return high


def _first(old: sqlite3.Connection, sql: str, after: int) -> bool:
    """Whether the first row after a number can be read, or there is none."""
    try:
        old.execute(f"{sql} LIMIT 1", (after,)).fetchone()
    except sqlite3.DatabaseError:
        return False
    return True
