"""The schema of mlops.db: what a file of ours looks like, and whether this version can use it."""

import os
import sqlite3
from collections.abc import Callable, Mapping
from typing import NamedTuple

from mlops_core.errors import DamagedState, NewerState
from mlops_core.metadata.migrations import STEPS

APPLICATION_ID = 0x6D6C6F70  # "mlop": `file mlops.db` and this module tell our files by it
_SMALLEST_PAGE = 512
FITS, EMPTY, OLDER = "fits", "empty", "older"


class Schema(NamedTuple):
    """A schema version with the scripts that make it and the steps that lead to it.

    ``steps[n]`` takes a database of version n to n + 1; it is given our connection as a
    ``sqlite_utils.Database`` inside the migration's one transaction.
    """

    version: int
    tables: str
    views: str
    steps: Mapping[int, Callable[..., None]]


def _script(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        return file.read()


def current() -> Schema:
    """The schema that this version of the product writes; reads its scripts, so only called to create."""
    return Schema(VERSION, _script("schema.sql"), _script("views.sql"), STEPS)


VERSION = 1


def judge(connection: sqlite3.Connection, path: str, version: int) -> str:
    """``FITS``, ``EMPTY`` or ``OLDER``: what a file is to a program that writes ``version``.

    Raises NewerState for a file of a later version and DamagedState for one that is not ours.
    """
    application, found, empty = _header(connection)
    if application == APPLICATION_ID and found == version:
        return FITS
    if application == APPLICATION_ID and found > version:
        raise newer(path, found, version)
    if application == APPLICATION_ID and 0 < found < version:
        return OLDER
    # A file that SQLite has made has a page at least; a shorter one is what is left of something.
    if application == 0 and found == 0 and empty and not 0 < os.path.getsize(path) < _SMALLEST_PAGE:
        return EMPTY
    raise DamagedState(
        f"{path} is not a database of this product (application id {application:#x}, version {found})",
        hint="Move it aside, or set MLOPS_STATE_DIR to another folder.",
        path=path,
    )


def _header(connection: sqlite3.Connection) -> tuple[int, int, bool]:
    """Application id, version, and whether there are no tables, all as of one moment."""
    connection.execute("BEGIN")
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        empty = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
    finally:
        connection.execute("ROLLBACK")
    return application, found, empty


def newer(path: str, found: int, version: int) -> NewerState:
    """The refusal of a file that a later version of the product wrote."""
    return NewerState(
        f"{path} was written by a newer version (schema {found}, this version knows {version})",
        hint="Run `pip install --upgrade mlops-embedded`, or set MLOPS_STATE_DIR to another folder.",
        path=path,
        found=found,
        known=version,
    )


def create(connection: sqlite3.Connection, schema: Schema) -> None:
    """Make all tables and views of an empty file, and its version, in one transaction."""
    connection.executescript(
        f"BEGIN IMMEDIATE; {schema.tables} {schema.views} PRAGMA application_id = {APPLICATION_ID};"
        f"PRAGMA user_version = {schema.version}; COMMIT;"
    )


def columns(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Every ``(table or view, column)`` that there is."""
    return set(
        connection.execute(
            "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_xinfo(m.name) AS c"
            " WHERE m.type IN ('table', 'view')"
        )
    )
