"""Artifacts: how the value of a digest is stored."""

import sqlite3
from typing import NamedTuple

from mlops_core.metadata.database import Database
from mlops_core.metadata.sealed import SealedTable


class ArtifactRow(NamedTuple):
    """A stored value: its manifest as JSON, its format, the name of its type and its size in bytes."""

    digest: bytes
    json: str
    format: str
    type: str
    nbytes: int


TABLE = SealedTable("artifacts", ArtifactRow)
_UPSERT = TABLE.upsert("digest")
_BY_DIGEST = f"{TABLE.select} WHERE digest = ?"
_BETWEEN = "SELECT digest FROM artifacts WHERE digest BETWEEN ? AND ? ORDER BY digest"


def add(  # noqa: PLR0917 - the columns of the row
    tx: sqlite3.Connection, digest: bytes, json_text: str, format: str, type: str, nbytes: int
) -> None:
    """Add the artifact of a digest; the newest manifest stands, because its cells are there."""
    tx.execute(_UPSERT, TABLE.sealed((digest, json_text, format, type, nbytes)))


def get(db: Database, digest: bytes) -> str | None:
    """The manifest of a digest, or None.

    A damaged row is None; ``db.damage.about("artifacts", digest)`` then says so.
    """
    row = find(db, digest)
    return row.json if row else None


def find(db: Database, digest: bytes) -> ArtifactRow | None:
    """The whole row of a digest, or None."""
    for row in TABLE.intact(db.query(_BY_DIGEST, (digest,)), db.damage, digest):
        if row.digest == digest:
            return row
    return None


def by_prefix(db: Database, hex_prefix: str) -> list[bytes]:
    """The digests of artifacts that begin with these hexadecimal digits, sorted.

    Raises ValueError where they are none, or more than 32.
    """
    if not 0 < len(hex_prefix) <= 32:
        raise ValueError(f"a digest has 1 to 32 hexadecimal digits, not {hex_prefix!r}")
    lowest, highest = (bytes.fromhex(hex_prefix.ljust(32, digit)) for digit in "0f")
    return [digest for (digest,) in db.query(_BETWEEN, (lowest, highest))]
