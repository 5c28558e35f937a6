"""The digests of files, remembered by their stat signature. Whether to trust one is the caller's rule."""

from threading import Lock
from typing import NamedTuple

from mlops_core.metadata.database import Database
from mlops_core.metadata.sealed import SealedTable, as_text


class _Entry(NamedTuple):
    path: str
    signature: str
    digest: bytes
    hashed_at: int


_TABLE = SealedTable("stat_cache", _Entry)
_BY_PATH = f"{_TABLE.select} WHERE path = ?"
_UPSERT = _TABLE.upsert("path")
_BUFFER = 4096  # entries kept back before they are written without being asked


class SqliteStatCache:
    """The stat cache (the fingerprints' ``StatCache``) in the database, written in batches.

    What was put is found at once, and is on disk after ``flush``; a kill loses what was not flushed, which
    costs hashing those files again. Safe to use from several threads.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._pending: dict[str, tuple[str, bytes, int]] = {}
        self._lock = Lock()

    def get(self, path: str, signature: tuple[int, ...]) -> bytes | None:
        """The digest that the file had when it had this signature, or None."""
        wanted = _text(signature)
        pending = self._pending.get(path)
        if pending is not None:
            return pending[1] if pending[0] == wanted else None
        key = as_text(path)
        for row in _TABLE.intact(self._db.query(_BY_PATH, (key,)), self._db.damage, path):
            if row.path == key and row.signature == wanted:
                return row.digest
        return None

    def put(self, path: str, signature: tuple[int, ...], digest: bytes, hashed_at_ns: int) -> None:
        """Remember a digest; ``hashed_at_ns`` is when the file was read, in ns of Unix time."""
        with self._lock:
            self._pending[path] = (_text(signature), digest, hashed_at_ns)
            full = len(self._pending) >= _BUFFER
        if full:
            self.flush()

    def flush(self) -> None:
        """Write what was put since the last time; a database that may not be written keeps it in memory."""
        if self._db.readonly or not self._pending:
            return
        with self._lock:
            written = dict(self._pending)
        rows = (_TABLE.sealed((path, *entry)) for path, entry in written.items())
        with self._db.transaction() as tx:
            tx.executemany(_UPSERT, rows)
        with self._lock:
            for path, entry in written.items():
                if self._pending.get(path) is entry:
                    del self._pending[path]


def _text(signature: tuple[int, ...]) -> str:
    return ":".join(map(str, signature))
