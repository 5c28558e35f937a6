"""What an error of SQLite means to the person in front of the screen."""

import sqlite3

from mlops_core.errors import DamagedState, MlopsError, StateNotWritable

_CORRUPT, _NOT_A_DATABASE = 11, 26
_READ_ONLY, _CANNOT_OPEN, _NO_PERMISSION = 8, 14, 3
_BUSY, _LOCKED, _PROTOCOL, _FULL, _IO_ERROR, _LOGIC = 5, 6, 15, 13, 10, 1
_SHORT_READ = 522
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
        return StateNotWritable(
            f"{path} cannot be read or written: {error}",
            hint="Free some space on its disk, or set MLOPS_STATE_DIR to a folder on another one.",
            path=path,
        )
    if primary in (_BUSY, _LOCKED, _PROTOCOL):
        return StateNotWritable(
            f"{path} is held by a program that is not this product: {error}",
            hint="Close what has the file open (a database browser, a backup), then try again.",
            path=path,
        )
    return None


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
