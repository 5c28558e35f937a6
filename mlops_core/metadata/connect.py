"""Open SQLite connections the two ways that are safe here.

A reader opens ``mode=ro`` and needs no lock: closing it never checkpoints (an ordinary connection that only
reads checkpoints and deletes the WAL when it is the last to close). A writer is opened, used, checkpointed
and closed only under the write lock, which is what guards against the WAL-reset bug of SQLite before 3.51.3.
"""

import os
import sqlite3

# Waits only for what lasts moments: recovery after a kill, a writer that switches the journal.
PATIENCE = 60.0
_STATEMENTS = 256  # prepared statements kept per connection; all of ours are fewer


def open_writer(path: str) -> sqlite3.Connection:
    """A connection that may write; the caller holds the write lock. Makes the file where there is none."""
    connection = _connect(_uri(path, "mode=rwc"))
    # NORMAL does not sync on commit: a kill loses nothing, a power cut at most what was not synced.
    # Cascades and checks of references are part of what a transaction promises.
    connection.executescript(
        "PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;"
        "PRAGMA temp_store = MEMORY;"
    )
    return connection


def open_reader(path: str) -> sqlite3.Connection:
    """A connection that only reads, also from a folder or a medium that cannot be written."""
    connection = _connect(_uri(path, "mode=ro"))
    try:
        return _awake(connection)
    except sqlite3.Error as error:
        connection.close()
        if os.access(os.path.dirname(path), os.W_OK, effective_ids=True) or not os.path.exists(path):
            raise
        return _open_unwritable(path, error)


def open_new(path: str) -> sqlite3.Connection:
    """A connection that makes a file which nobody else knows yet: what it commits is on the disk."""
    connection = _connect(_uri(path, "mode=rwc"))
    connection.executescript(
        "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
    )
    return connection


def open_damaged(path: str) -> sqlite3.Connection:
    """A connection that reads what it can of a damaged file; without its WAL where that cannot be read."""
    try:
        connection = open_reader(path)
    except sqlite3.Error:
        connection = _awake(_connect(_uri(path, "mode=ro&immutable=1")))
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return connection


def in_memory() -> sqlite3.Connection:
    """An empty database that goes with its connection."""
    return _connect(":memory:")


def _connect(name: str) -> sqlite3.Connection:
    return sqlite3.connect(
        name,
        timeout=PATIENCE,
        isolation_level=None,
        check_same_thread=False,  # a connection is used by one thread at a time, not always the same
        cached_statements=_STATEMENTS,
        uri=True,
    )


def _uri(path: str, options: str) -> str:
    escaped = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file:{escaped}?{options}"


def _awake(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Read once: errors show now, and from now on the connection holds SQLite's shared lock on the file."""
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except UnicodeDecodeError as undecoded:  # SQLite quotes the damaged part of the schema in its message
        error = sqlite3.DatabaseError("malformed database schema: it is no UTF-8")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error from undecoded
    return connection


def _open_unwritable(path: str, error: sqlite3.Error) -> sqlite3.Connection:
    """SQLite cannot make its -shm file here. Nobody can write either, so the content stands still."""
    wal = path + "-wal"
    if not os.path.exists(wal) or os.path.getsize(wal) == 0:
        return _awake(_connect(_uri(path, "mode=ro&immutable=1")))
    return _copied(path, wal, error)


def _copied(path: str, wal: str, error: sqlite3.Error) -> sqlite3.Connection:
    """The content of a file and its WAL in memory: ``immutable`` would leave out what is in the WAL."""
    import shutil
    import tempfile

    memory = in_memory()
    with tempfile.TemporaryDirectory(prefix="mlops-") as folder:
        copy = os.path.join(folder, "mlops.db")
        try:
            shutil.copyfile(path, copy)
            shutil.copyfile(wal, copy + "-wal")
        except OSError:
            raise error from None
        source = _connect(_uri(copy, "mode=rw"))
        try:
            source.backup(memory)
        finally:
            source.close()
    return memory
