"""The database of the state: whole, and in the journal that its file system allows."""

import sqlite3
from pathlib import Path

from mlops_core.cli.checks.check import BROKEN, OK, WARNING, Check
from mlops_core.cli.render.amounts import counted, size
from mlops_core.errors import MlopsError
from mlops_core.metadata import wal
from mlops_core.metadata.connect import open_reader
from mlops_core.metadata.suspect import is_noted

_REPAIR = "mlops store verify --repair (what is whole is kept, the damaged file is moved to damaged/)"


def check(folder: Path) -> list[Check]:
    """A quick look at every page of mlops.db; its rows are checked by ``mlops store verify``."""
    path = folder / "mlops.db"
    if not path.exists():
        return []
    if is_noted(str(path)):
        return [Check("database", BROKEN, "damage was met in it", _REPAIR)]
    torn = wal.damage(str(path))
    if torn:
        return [Check("database", BROKEN, torn, _REPAIR)]
    try:
        connection = open_reader(str(path))
    except (sqlite3.Error, MlopsError) as error:
        return [Check("database", BROKEN, f"cannot be read: {error}", _REPAIR)]
    try:
        return [_looked_at(connection, path)]
    except sqlite3.DatabaseError as error:
        return [Check("database", BROKEN, str(error), _REPAIR)]
    finally:
        connection.close()


def _looked_at(connection: sqlite3.Connection, path: Path) -> Check:
    found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)").fetchall()]
    if found != ["ok"]:
        return Check("database", BROKEN, "; ".join(found), _REPAIR)
    (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
    (runs,) = connection.execute("SELECT count(*) FROM runs").fetchone()
    text = f"{size(path.stat().st_size)}, {counted(runs, 'run')}, {_NAMES.get(journal, journal)}"
    return Check("database", OK if journal in _NAMES else WARNING, text)


_NAMES = {"wal": "WAL", "delete": "rollback journal"}
