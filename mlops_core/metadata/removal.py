"""Taking values out of the database: their records say why, and the index forgets where they were.

The functions write in the caller's transaction; files are the store's business.
"""

import sqlite3
from collections.abc import Collection, Iterable, Mapping

from mlops_core.engine.cells import CellRow, GrownRow
from mlops_core.metadata import records
from mlops_core.metadata.cells import TABLES, Written, add


def drop_records(tx: sqlite3.Connection, reasons: Mapping[int, str]) -> None:
    """Mark records as unusable, each with its reason: the next run tells it and computes again."""
    for id, reason in reasons.items():
        records.drop(tx, id, reason)


def remove_artifacts(tx: sqlite3.Connection, digests: Iterable[bytes]) -> None:
    """Forget how values are stored."""
    tx.executemany("DELETE FROM artifacts WHERE digest = ?", [(digest,) for digest in digests])


def remove_cells(tx: sqlite3.Connection, digests: Iterable[bytes]) -> None:
    """Forget where cells lie; the bytes of small ones go with that."""
    keys = [(digest,) for digest in digests]
    for table in TABLES:
        tx.executemany(f"DELETE FROM {table} WHERE digest = ?", keys)


def move_cells(tx: sqlite3.Connection, written: Written, moved: Collection[CellRow | GrownRow]) -> None:
    """Let the index say that cells lie in the new segment; ``moved`` are their places before.

    A cell that lies somewhere else by now was written anew meanwhile, and stays where it is.
    """
    still = set()
    for cell in moved:
        table = "cells" if isinstance(cell, CellRow) else "grown_cells"
        sql = f"SELECT 1 FROM {table} JOIN segments ON number = segment WHERE digest = ? AND id = ?"
        if tx.execute(sql, (cell.digest, cell.segment)).fetchone():
            still.add((table, cell.digest))
    add(tx, _Part(written, still))


def remove_empty_segments(tx: sqlite3.Connection, keep: Collection[str]) -> None:
    """Forget the segments that hold and list no cell any more, but for those in ``keep``.

    The row with the highest number stays: other processes remember segments by number, so that a number
    must not be given twice.
    """
    sql = (
        "SELECT id FROM segments WHERE number NOT IN (SELECT segment FROM cells)"
        " AND number NOT IN (SELECT segment FROM grown_cells) AND number < (SELECT max(number) FROM segments)"
    )
    empty = [(id,) for (id,) in tx.execute(sql).fetchall() if id not in keep]
    tx.executemany("DELETE FROM segments WHERE id = ?", empty)


class _Part:
    """What was written, without the cells that are not wanted any more."""

    def __init__(self, written: Written, wanted: Collection[tuple[str, bytes]]) -> None:
        self.segment = written.segment
        self.cells = [cell for cell in written.cells if ("cells", cell.digest) in wanted]
        self.grown = [row for row in written.grown if ("grown_cells", row.digest) in wanted]
        self.small: list[tuple[bytes, bytes]] = []
