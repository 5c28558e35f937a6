"""The one row that a run answered from its snapshot leaves, and what the database must still say for it.

The module opens SQLite itself: ``metadata.database`` does the same and more, but its imports would take
longer than all the rest. The rules are the same: write under the lock, and never be the last to close.
"""

import os
import time
from contextlib import closing

from mlops_core.files.signature import path_signature
from mlops_core.locks.filelock import FileLock
from mlops_core.metadata.connect import open_reader, open_writer
from mlops_core.metadata.seal import seal

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from typing import Any

NAME = "mlops.db"
_WAL_LIMIT = 1 << 20  # bytes: beyond it the normal way brings the WAL into the file


def record(snapshot: "dict[str, Any]", state_dir: str, started: float) -> tuple[int, str, float] | None:
    """Record the run: its number, id and seconds. None where the database says that not all is as it was."""
    path = os.path.join(state_dir, NAME)
    if path_signature(path) != snapshot["database"] or _needs_care(path):
        return None
    # The reader is open while the writer closes: the last connection to close would checkpoint.
    lock = FileLock(os.path.join(state_dir, "locks", "write"))
    with lock, closing(open_reader(path)), closing(open_writer(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        if not _as_it_was(connection, snapshot):
            connection.execute("ROLLBACK")
            return None
        recorded = _insert(connection, snapshot["row"], started)
        connection.execute("COMMIT")
        return recorded


def _needs_care(path: str) -> bool:
    """Whether the normal way has something to do to the database first."""
    from mlops_core.metadata.suspect import is_noted

    wal = path_signature(path + "-wal")
    return (wal is not None and wal[0] > _WAL_LIMIT) or is_noted(path)


def _as_it_was(connection: "sqlite3.Connection", snapshot: "dict[str, Any]") -> bool:
    """Nothing was taken away, no newer result could be meant, no run waits to be called interrupted."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (removals,) = connection.execute("SELECT count FROM removals").fetchone()
    if (version, removals) != (snapshot["schema"], snapshot["removals"]):
        return False
    newer = connection.execute("SELECT key FROM records WHERE id > ?", (snapshot["newest_record"],))
    if not snapshot["keys"].isdisjoint(key for (key,) in newer):
        return False
    if connection.execute("SELECT 1 FROM runs WHERE status = 'running' LIMIT 1").fetchone():
        return False
    return all(_latest(connection, pipeline) == outputs for pipeline, outputs in snapshot["latest"])


def _latest(connection: "sqlite3.Connection", pipeline: str) -> "str | None":
    """What ``latest`` would find: the outputs of the newest succeeded run of the whole pipeline."""
    found = connection.execute(
        "SELECT outputs_json FROM runs WHERE pipeline = ? AND status = 'succeeded'"
        " AND NOT coalesce(options_json ->> '$.partial', 0) ORDER BY number DESC LIMIT 1",
        (pipeline,),
    ).fetchone()
    return None if found is None else str(found[0])


def _insert(
    connection: "sqlite3.Connection", row: "dict[str, Any]", started: float
) -> tuple[int, str, float]:
    from mlops_core.execution.run_id import new_run_id
    from mlops_core.metadata.process import identity

    (number,) = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM runs").fetchone()
    seconds = time.perf_counter() - started
    own = {"id": new_run_id(), "number": number, "started": time.time() - seconds, "seconds": seconds}
    body = {**row, **own, "process": identity()}
    marks = ", ".join("?" * (len(body) + 1))
    values = tuple(body.values())
    connection.execute(
        f"INSERT INTO runs ({', '.join(body)}, seal) VALUES ({marks})", (*values, seal("runs", values))
    )
    return number, str(own["id"]), seconds
