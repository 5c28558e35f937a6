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
_SEALS = "SELECT id, seal FROM records WHERE"
_BY_LABEL = f"{_SEALS} label = ? AND dropped IS NULL ORDER BY id DESC LIMIT ?"
_BY_STEP = f"{_SEALS} pipeline = ? AND name = ? AND dropped IS NULL ORDER BY id DESC LIMIT ?"
_NEXT = "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'records'"
_UPDATE = TABLE.update("id")
_seen: dict[bytes, RecordRow] = {}  # rows by their seal, which is a checksum of all that is in them
_SEEN = 256


def add(tx: sqlite3.Connection, row: RecordRow) -> int:
    """Add a record and return its id, which is higher than any before (``row.id`` does not matter)."""
    (number,) = tx.execute(_NEXT).fetchone()
    tx.execute(TABLE.insert, TABLE.sealed(row._replace(id=number)))
    return int(number)


def of_key(db: Database, key: bytes) -> list[RecordRow]:
    """All records of a key, newest first, also those that were dropped.

    A damaged row is left out; ``db.damage.about("records", key)`` then says so.
    """
    rows = TABLE.intact(db.query(_BY_KEY, (key,)), db.damage, key)
    # A damaged index may lead to another key's row, which is intact in itself.
    return [row for row in rows if row.key == key]


def find(db: Database, key: bytes) -> list[RecordRow]:
    """The usable records of a key, newest first."""
    return [row for row in of_key(db, key) if row.dropped is None]


def get(db: Database, id: int) -> RecordRow | None:
    """The record of that id, also a dropped one, or None."""
    rows = TABLE.intact(db.query(_BY_ID, (id,)), db.damage, id)
    return rows[0] if rows else None


def nearest(db: Database, label: str, name: str, pipeline: str, limit: int = 20) -> list[RecordRow]:
    """Usable records of the same code, or of the same name in the same pipeline, newest first."""
    found = dict(db.query(_BY_LABEL, (as_text(label), limit)))
    found.update(db.query(_BY_STEP, (pipeline, name, limit)))
    newest = sorted(found, reverse=True)[:limit]
    rows = [_seen.get(found[id]) or _look(db, label, id) for id in newest]
    return [row for row in rows if row is not None]


def _look(db: Database, label: str, id: int) -> RecordRow | None:
    """Read a record for ``nearest``, which asks for the same few again with each step of a run."""
    stored = db.query(_BY_ID, (id,))
    rows = TABLE.intact(stored, db.damage, label)
    if rows:
        while len(_seen) >= _SEEN:
            _seen.pop(next(iter(_seen)), None)
        _seen[stored[0][-1]] = rows[0]
    return rows[0] if rows else None


def drop(tx: sqlite3.Connection, id: int, reason: str) -> None:
    """Mark a record as unusable, with the reason; the first reason stands.

    One that is damaged or not there is left alone.
    """
    for row in TABLE.intact(tx.execute(_BY_ID, (id,)).fetchall(), DamageLog(), id):
        if row.dropped is None:
            tx.execute(_UPDATE, (*TABLE.sealed(row._replace(dropped=reason)), id))
