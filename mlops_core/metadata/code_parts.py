"""Code parts: the source text of what was fingerprinted, so that a change can be shown."""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from mlops_core.metadata.database import Database
from mlops_core.metadata.sealed import as_text


class CodePartRow(NamedTuple):
    """A function, class or constant as it was when it was last seen with this digest."""

    digest: bytes
    label: str
    file: str
    source: str


_ADD = (
    "INSERT INTO code_parts (digest, label, file, source) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (digest) DO UPDATE"
    " SET label = excluded.label, file = excluded.file, source = excluded.source"
    " WHERE (label, file, source) IS NOT (excluded.label, excluded.file, excluded.source)"
)
_GET = "SELECT digest, label, file, source FROM code_parts WHERE digest = ?"


def add(tx: sqlite3.Connection, parts: Iterable[tuple[bytes, str, str, str]]) -> None:
    """Remember ``(digest, label, file, source)``; what moved or was reformatted is replaced."""
    tx.executemany(_ADD, [(digest, *map(as_text, texts)) for digest, *texts in parts])


def get(db: Database, digest: bytes) -> CodePartRow | None:
    """The part of that digest, or None."""
    rows = db.query(_GET, (digest,))
    return CodePartRow(*rows[0]) if rows else None
