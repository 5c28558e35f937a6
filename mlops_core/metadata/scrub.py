"""Checking every sealed row, and setting damaged ones aside."""

import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from mlops_core.engine._hash import xxh3_128
from mlops_core.metadata import artifacts, records, runs, step_runs
from mlops_core.metadata.cells import CELLS, GROWN, SEGMENTS
from mlops_core.metadata.damage import DamageLog
from mlops_core.metadata.holdings import Read
from mlops_core.metadata.sealed import SealedTable


class DamagedRow(NamedTuple):
    """A row that does not match its checksum: its table, the columns that name it, and all its values."""

    table: str
    key: tuple[Any, ...]
    values: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The key as text for people."""
        return ", ".join(part.hex() if isinstance(part, bytes) else str(part) for part in self.key)

    @property
    def about(self) -> str:
        """What the row was about, as far as it can be believed; empty where that says nothing to people."""
        if self.table not in _ABOUT:
            return ""
        columns = next(table.columns for table, _ in _TABLES if table.name == self.table)
        return _ABOUT[self.table].format(**dict(zip(columns, self.values, strict=False)))


_ABOUT = {
    "runs": "run {number} ({pipeline})",
    "step_runs": "step {name} of run {run_id}",
    "records": "the result of {name} in run {run_number} ({pipeline})",
}
#: How many of its first columns name a row.
_TABLES: tuple[tuple[SealedTable[Any], int], ...] = (
    (SEGMENTS, 1),
    (CELLS, 1),
    (GROWN, 1),
    (artifacts.TABLE, 1),
    (records.TABLE, 1),
    (runs.TABLE, 1),
    (step_runs.TABLE, 2),
)
_SMALL = "small_cells"


def damaged_rows(read: Read) -> list[DamagedRow]:
    """Every row that is not as it was written; what they say must not be trusted, their keys included."""
    found = []
    for table, width in _TABLES:
        for row in read(table.select):
            if not table.intact([row], DamageLog(), None):
                found.append(DamagedRow(table.name, tuple(row[:width]), tuple(row)))
    for digest, content in read("SELECT digest, content FROM small_cells"):
        if not isinstance(content, bytes) or xxh3_128(content) != digest:
            found.append(DamagedRow(_SMALL, (digest,), (digest, content)))
    return found


def remove_rows(tx: sqlite3.Connection, rows: Iterable[DamagedRow]) -> None:
    """Delete damaged rows, which count as absent anyway. Those of runs stay, for what belongs to them."""
    columns = {table.name: table.columns[:width] for table, width in _TABLES} | {_SMALL: ("digest",)}
    for row in rows:
        if row.table != runs.TABLE.name:
            names = " AND ".join(f"{column} IS ?" for column in columns[row.table])
            tx.execute(f"DELETE FROM {row.table} WHERE {names}", row.key)
