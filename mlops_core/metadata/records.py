"""Records: under this key, with these observed inputs, a step gave this output."""

import sqlite3
from typing import NamedTuple

from mlops_core.metadata.damage import DamageLog
from mlops_core.metadata.database import Database
from mlops_core.metadata.sealed import SealedTable, as_text


class RecordRow(NamedTuple):
    """A result that may be reused. ``seconds`` is what it took, ``created`` Unix time.

    ``trace_json`` are the inputs that were observed, ``components_json`` what went into the key, ``flags`` a
    JSON object. ``id`` is given by ``add``; ``dropped`` is why it may no longer be used.
    """

    id: int
    key: bytes
    output: bytes
    trace_json: str
    components_json: str
    label: str
    name: str
    pipeline: str
    run_id: str
    run_number: int
    seconds: float
    created: float
    flags: str
    dropped: str | None = None


TABLE = SealedTable("records", RecordRow)
_BY_KEY = f"{TABLE.select} WHERE key = ? ORDER BY id DESC"
_BY_ID = f"{TABLE.select} WHERE id = ?"
_BY_LABEL = f"{TABLE.select} WHERE label = ? AND dropped IS NULL ORDER BY id DESC LIMIT ?"
_BY_STEP = f"{TABLE.select} WHERE pipeline = ? AND name = ? AND dropped IS NULL ORDER BY id DESC LIMIT ?"
_NEXT = "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'records'"
_UPDATE = TABLE.update("id")


def add(tx: sqlite3.Connection, row: RecordRow) -> int:
    """Add a record and return its id, which is higher than any before (``row.id`` does not matter)."""
    (number,) = tx.execute(_NEXT).fetchone()
    tx.execute(TABLE.insert, TABLE.sealed(row._replace(id=number)))
    return int(number)


def find(db: Database, key: bytes) -> list[RecordRow]:
    """The usable records of a key, newest first.

    A damaged row is left out; ``db.damage.about("records", key)`` then says so.
    """
    rows = TABLE.intact(db.query(_BY_KEY, (key,)), db.damage, key)
    # A damaged index may lead to another key's row, which is intact in itself.
    return [row for row in rows if row.key == key and row.dropped is None]


def dropped(db: Database, key: bytes) -> RecordRow | None:
    """The newest record of a key where that one was dropped, for the reason that it gives; else None."""
    rows = [row for row in TABLE.intact(db.query(_BY_KEY, (key,)), db.damage, key) if row.key == key]
    return rows[0] if rows and rows[0].dropped is not None else None


def get(db: Database, id: int) -> RecordRow | None:
    """The record of that id, also a dropped one, or None."""
    rows = TABLE.intact(db.query(_BY_ID, (id,)), db.damage, id)
    return rows[0] if rows else None


def nearest(db: Database, label: str, name: str, pipeline: str, limit: int = 20) -> list[RecordRow]:
    """Usable records of the same code, or of the same name in the same pipeline, newest first."""
    found = db.query(_BY_LABEL, (as_text(label), limit))
    found += db.query(_BY_STEP, (pipeline, name, limit))
    rows = {row.id: row for row in TABLE.intact(found, db.damage, label)}
    return [rows[id] for id in sorted(rows, reverse=True)[:limit]]


def drop(tx: sqlite3.Connection, id: int, reason: str) -> None:
    """Mark a record as unusable, with the reason; the first reason stands.

    One that is damaged or not there is left alone.
    """
    for row in TABLE.intact(tx.execute(_BY_ID, (id,)).fetchall(), DamageLog(), id):
        if row.dropped is None:
            tx.execute(_UPDATE, (*TABLE.sealed(row._replace(dropped=reason)), id))
