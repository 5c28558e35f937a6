"""Lead a database of an earlier version to the present one, in one transaction.

sqlite-utils does the work (``table.transform`` and friends) on our own connection. It takes a tenth of a
second to import, so it is imported only here, and only when there is something to migrate.
"""

import sqlite3
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite_utils

Step = Callable[["sqlite_utils.Database"], None]

# From version n to n + 1. Version 1 is the first there is.
STEPS: dict[int, Step] = {}


def migrate(
    connection: sqlite3.Connection, found: int, wanted: int, steps: Mapping[int, Step], views: str
) -> None:
    """Apply ``steps[found]`` up to ``steps[wanted - 1]`` and make the views again: all of it or nothing.

    Raises KeyError where a step is not there: a version was raised without its migration.
    """
    import sqlite_utils

    database = sqlite_utils.Database(connection, execute_plugins=False)
    # Off while tables are rebuilt, or dropping the old one would cascade; SQLite ignores it in a transaction.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        with database.atomic():
            _drop_views(connection)
            for version in range(found, wanted):
                steps[version](database)
            _run_script(connection, views)
            connection.execute(f"PRAGMA user_version = {wanted}")
    finally:
        connection.execute("PRAGMA foreign_keys = ON")


def _drop_views(connection: sqlite3.Connection) -> None:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
    for (name,) in names:
        connection.execute(f'DROP VIEW "{name}"')


def _run_script(connection: sqlite3.Connection, script: str) -> None:
    """Statement by statement: ``executescript`` would commit the transaction first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""
