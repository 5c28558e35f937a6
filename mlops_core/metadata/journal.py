"""Which journal SQLite may use in a folder, and when the WAL goes back into the file.

A WAL needs memory shared between processes, which network file systems do not give: there the rollback
journal is used. Both functions that write are called under the write lock only.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from mlops_core.files.filesystems import of_path
from mlops_core.files.probes import shares_maps

CHECKPOINT_AT_CLOSE = 1 << 20  # bytes of WAL that are left for the next writer rather than synced now
CHECKPOINT_WHILE_OPEN = 64 << 20  # bytes of WAL that a process which never closes lets pile up


def settle(connection: sqlite3.Connection, path: str) -> None:
    """Give the file the journal that its folder allows; leaves it as it is where somebody uses the file."""
    (found,) = connection.execute("PRAGMA journal_mode").fetchone()
    # A WAL that was opened works, unless the folder came here from another file system since it was made.
    works = of_path(path).shares_memory if found == "wal" else wal_works(path)
    wanted = "wal" if works else "delete"
    if found == wanted:
        return
    with _patience(connection, 1000):
        try:
            connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise


@contextmanager
def _patience(connection: sqlite3.Connection, milliseconds: int) -> Iterator[None]:
    """Wait at most so long for other connections in the block."""
    (before,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {before}")


def wal_works(path: str) -> bool:
    """Whether the processes that have the file open would see each other's WAL: told by the kind of its file
    system and, where that does not say no, tried out."""
    folder = os.path.dirname(path)
    try:
        return of_path(folder).shares_memory and shares_maps(folder)
    except OSError:  # nothing can be written here now; SQLite will say what it thinks of that
        return True


def wal_size(path: str) -> int:
    """Bytes in the WAL beside the file; 0 where there is none."""
    try:
        return os.stat(path + "-wal").st_size
    except FileNotFoundError:
        return 0


def checkpoint(connection: sqlite3.Connection) -> None:
    """Bring the WAL into the file, as far as readers that are at work allow without waiting for them.

    Where the disk has no room for that, the WAL goes on holding what was committed: nothing is lost.
    """
    try:
        with _patience(connection, 0):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise


def sync(path: str) -> None:
    """Bring what is committed to the disk: without it a power cut may take the last transactions."""
    # SQLite's locks are on the database file and the -shm; closing one of those here would drop them
    # (fcntl(2): a process loses all its locks on a file with any descriptor of it). Nobody locks the -wal.
    try:
        descriptor = os.open(path + "-wal", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)
