"""Which journal SQLite may use in a folder, and when the WAL goes back into the file.

A WAL needs memory shared between processes, which network file systems do not give: there the rollback
journal is used. Both functions that write are called under the write lock only.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

CHECKPOINT_AT_CLOSE = 1 << 20  # bytes of WAL that are left for the next writer rather than synced now
CHECKPOINT_WHILE_OPEN = 16 << 20  # bytes of WAL that a process which never closes lets pile up
_NETWORK = ("nfs", "cifs", "smb", "lustre", "ceph", "glusterfs", "beegfs", "gpfs", "afs", "9p", "ncpfs")
_NETWORK_FUSE = ("glusterfs", "cephfs", "sshfs", "s3fs", "gcsfuse", "rclone", "juicefs")


def settle(connection: sqlite3.Connection, path: str, mounts: str = "/proc/self/mounts") -> None:
    """Give the file the journal that its folder allows; leaves it as it is where somebody uses the file."""
    wanted = "delete" if on_network(path, mounts) else "wal"
    (found,) = connection.execute("PRAGMA journal_mode").fetchone()
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


def on_network(path: str, mounts: str = "/proc/self/mounts") -> bool:
    """Whether the file lies on a file system that several machines mount (False where nothing tells)."""
    place = os.path.realpath(path) + "/"
    longest, kind = -1, ""
    try:
        with open(mounts, encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                _, point, this_kind, *_ = line.split(" ")
                folder = point.replace("\\040", " ").rstrip("/") + "/"
                if place.startswith(folder) and len(folder) >= longest:
                    longest, kind = len(folder), this_kind
    except OSError:
        return False
    return kind.startswith(_NETWORK) or (
        kind.startswith("fuse.") and kind.removeprefix("fuse.").startswith(_NETWORK_FUSE)
    )


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
    # Opening and closing the -wal is safe; the same with the database file itself would drop SQLite's locks.
    try:
        descriptor = os.open(path + "-wal", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
