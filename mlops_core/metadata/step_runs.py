"""Step runs: what became of each step in each run, and why."""

import sqlite3
from typing import NamedTuple

from mlops_core.metadata.damage import DamageLog
from mlops_core.metadata.database import Database
from mlops_core.metadata.sealed import SealedTable, as_text


class StepRunRow(NamedTuple):
    """A step in a run. Times in seconds, ``started`` in Unix time, ``peak_memory`` in bytes, as is
    ``stored``, which is what the result added to the store.

    ``label`` names the code (``lib/leaf.py:leaf``), ``name`` the call in the pipeline, ``base`` the step.
    """

    run_id: str
    position: int
    name: str
    base: str
    label: str
    status: str
    reason: str
    reasons_json: str
    key: bytes | None
    output: bytes | None
    seconds: float | None
    saved_seconds: float | None
    peak_memory: int | None
    started: float | None
    record_id: int | None
    arguments_json: str
    stored: int | None = None


TABLE = SealedTable("step_runs", StepRunRow)
_UPSERT = TABLE.upsert("run_id", "position")
_OF_RUN = (
    f"{TABLE.select} WHERE run_id = coalesce((SELECT same_as FROM runs WHERE id = ?1), ?1) ORDER BY position"
)
_HISTORY = f"{TABLE.select} WHERE label = ? AND status = 'ran' ORDER BY started DESC, rowid DESC LIMIT ?"
_UNFINISHED = f"{TABLE.select} WHERE run_id = ? AND status IN ('waiting', 'running')"


def add(tx: sqlite3.Connection, row: StepRunRow) -> None:
    """Add a step run, or replace the one at its position of its run (a step that has moved on)."""
    tx.execute(_UPSERT, TABLE.sealed(row))


def of_run(db: Database, run_id: str) -> list[StepRunRow]:
    """The step runs of a run in pipeline order: its own, or those of the run that it is the same as."""
    return TABLE.intact(db.query(_OF_RUN, (run_id,)), db.damage, run_id)


def history(db: Database, label: str, limit: int = 20) -> list[StepRunRow]:
    """The newest step runs of this code that really ran, newest first: what time and memory they took."""
    return TABLE.intact(db.query(_HISTORY, (as_text(label), limit)), db.damage, label)


def cancel_unfinished(tx: sqlite3.Connection, run_id: str, reason: str) -> None:
    """Steps of a run that ended before they did are cancelled, and say why."""
    for row in TABLE.intact(tx.execute(_UNFINISHED, (run_id,)).fetchall(), DamageLog(), run_id):
        add(tx, row._replace(status="cancelled", reason=reason))
