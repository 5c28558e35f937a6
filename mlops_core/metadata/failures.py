"""What an error of SQLite means to the person in front of the screen."""

import os
import sqlite3

from mlops_core.config.sizes import size_text
from mlops_core.errors import DamagedState, DiskFull, MlopsError, StateNotWritable
from mlops_core.files.space import FULL, free_bytes, refusal

_CORRUPT, _NOT_A_DATABASE = 11, 26
_READ_ONLY, _CANNOT_OPEN, _NO_PERMISSION = 8, 14, 3
_BUSY, _LOCKED, _PROTOCOL, _FULL, _IO_ERROR, _LOGIC = 5, 6, 15, 13, 10, 1
_SHORT_READ = 522
_WRITE, _SHARED_MEMORY, _SYNC, _TRUNCATE = 778, 4874, 1034, 1546  # what a full disk makes of a write
_ONE_TRANSACTION = 16 << 20  # bytes by which a file may be short of a limit that one transaction exceeds
#: SQLITE_IOERR_UNLOCK, _CHECKRESERVEDLOCK, _LOCK, _SHMLOCK, _SHMMAP.
_LOCKING = (2058, 3594, 3850, 5130, 5386)
_MISSING_PIECES = ("no such table", "no such column", "malformed", "unsupported file format")


def explain(error: sqlite3.Error, path: str) -> MlopsError | None:
    """The product's error for one of SQLite's, or None where the statement itself is at fault."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    primary = code & 0xFF
    if primary in (_CORRUPT, _NOT_A_DATABASE) or code == _SHORT_READ:
        return damaged(path, str(error))
    if primary == _LOGIC and any(words in str(error) for words in _MISSING_PIECES):
        return damaged(path, str(error))
    if primary in (_READ_ONLY, _CANNOT_OPEN, _NO_PERMISSION):
        return not_writable(path, str(error))
    if primary in (_FULL, _IO_ERROR):
        return _failed_disk(error, code, path)
    if primary in (_BUSY, _LOCKED, _PROTOCOL):
        return StateNotWritable(
            f"{path} is held by a program that is not this product: {error}",
            hint="Close what has the file open (a database browser, a backup), then try again.",
            path=path,
        )
    return None


def _failed_disk(error: sqlite3.Error, code: int, path: str) -> MlopsError:
    """The disk has no room, or it fails."""
    if code == _FULL or (code in (_WRITE, _SHARED_MEMORY, _SYNC, _TRUNCATE) and _is_full(path)):
        return disk_full(path, str(error))
    if code in _LOCKING:
        return StateNotWritable(
            f"{path} lies on a file system that does not lock files, or not as SQLite needs it: {error}",
            hint="Keep the state in a folder on a local disk: MLOPS_STATE_DIR=/some/folder."
            " `mlops doctor` looks at the file system.",
            path=path,
        )
    return StateNotWritable(
        f"{path} cannot be read or written: {error}",
        hint="Look at the disk (the kernel's log), or set MLOPS_STATE_DIR to a folder on another one.",
        path=path,
    )


def damaged(path: str, what: str) -> DamagedState:
    """The file is not what was written."""
    return DamagedState(
        f"{path} is damaged: {what}",
        hint="Run the command again: the file is then read as a whole and, if damaged, moved aside and begun"
        " anew. `mlops doctor` looks at what is there.",
        path=path,
    )


def not_writable(path: str, what: str) -> StateNotWritable:
    """The file or its folder may not be written by this user."""
    return StateNotWritable(
        f"{path} cannot be written: {what}",
        hint="Make its folder writable, or set MLOPS_STATE_DIR to a folder that is.",
        path=path,
    )


def disk_full(path: str, what: str) -> DiskFull:
    """Nothing of the transaction was written; SQLite needs room even to note that a run has ended."""
    folder = os.path.dirname(path)
    free = free_bytes(folder)
    return DiskFull(
        f"{path} cannot grow: {what} ({size_text(free)} are free in {folder})",
        hint="Make room on the disk; `mlops store gc --dry-run` says what a collection would free. Then give"
        " the same command again: finished steps are kept.",
        path=path,
        free=free,
    )


def _is_full(path: str) -> bool:
    """Whether there was no room for a write: SQLite says so of ENOSPC only, not of quotas and limits."""
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    sizes = [os.path.getsize(place) for place in (path, path + "-wal") if os.path.exists(place)]
    if limit != resource.RLIM_INFINITY and max(sizes, default=0) + _ONE_TRANSACTION >= limit:
        return True
    return refusal(os.path.dirname(path)) in FULL
