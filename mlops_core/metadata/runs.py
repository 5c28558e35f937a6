"""Runs: one row for each execution of a pipeline, and for each session of direct calls."""

import json
import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from mlops_core.errors import DamagedState, ReferenceNotFound
from mlops_core.metadata import step_runs
from mlops_core.metadata.damage import DamageLog
from mlops_core.metadata.database import Database
from mlops_core.metadata.process import is_alive
from mlops_core.metadata.sealed import SealedTable

RUNNING, INTERRUPTED = "running", "interrupted"


class RunRow(NamedTuple):
    """A run. ``started`` is Unix time, ``seconds`` its duration (None while it runs).

    ``process`` is the identity (process.py) of the process that carries it out. ``same_as`` is the id of the
    run whose step runs are this one's, too, where it was answered from a snapshot.
    """

    id: str
    number: int
    pipeline: str
    target: str
    status: str
    started: float
    seconds: float | None
    params_json: str
    outputs_json: str | None
    metrics_json: str | None
    error_json: str | None
    options_json: str
    process: str
    same_as: str | None = None


TABLE = SealedTable("runs", RunRow)
_NEXT = "SELECT coalesce(max(number), 0) + 1 FROM runs"
_BY_ID = f"{TABLE.select} WHERE id = ?"
_BY_NUMBER = f"{TABLE.select} WHERE number = ?"
_UPDATE = TABLE.update("id")
_PAGE = 20


def start(tx: sqlite3.Connection, row: RunRow) -> int:
    """Add a run and give it the next number (``row.number`` does not matter): from 1, without gaps.

    Raises sqlite3.IntegrityError where the id is taken.
    """
    (number,) = tx.execute(_NEXT).fetchone()
    tx.execute(TABLE.insert, TABLE.sealed(row._replace(number=number)))
    return int(number)


def finish(  # noqa: PLR0917 - the columns that a run gets when it ends
    tx: sqlite3.Connection,
    id: str,
    status: str,
    seconds: float | None,
    outputs_json: str | None = None,
    metrics_json: str | None = None,
    error_json: str | None = None,
) -> None:
    """Note how a run ended. Raises ReferenceNotFound without such a run, DamagedState for a damaged row."""
    rows = _intact(DamageLog(), tx.execute(_BY_ID, (id,)).fetchall(), id)
    if not rows:
        raise _absent(tx, id)
    ended = rows[0]._replace(
        status=status,
        seconds=seconds,
        outputs_json=outputs_json,
        metrics_json=metrics_json,
        error_json=error_json,
    )
    tx.execute(_UPDATE, (*TABLE.sealed(ended), id))


def get(db: Database, number_or_id: int | str) -> RunRow | None:
    """The run of that number or id, or None."""
    sql = _BY_NUMBER if isinstance(number_or_id, int) else _BY_ID
    rows = _intact(db.damage, db.query(sql, (number_or_id,)), number_or_id)
    return rows[0] if rows else None


def newest(
    db: Database, pipeline: str | None = None, status: str | None = None, *, whole: bool = False
) -> RunRow | None:
    """The run with the highest number, of one pipeline, of one status; ``whole``: not of selected steps."""
    where, args = _where(pipeline, status)
    offset = 0
    while True:
        page = f"{TABLE.select} {where} ORDER BY number DESC LIMIT {_PAGE} OFFSET ?"
        found = db.query(page, (*args, offset))
        for row in _intact(db.damage, found, pipeline):
            if not (whole and is_partial(row)):
                return row
        if len(found) < _PAGE:
            return None
        offset += _PAGE


def is_partial(row: RunRow) -> bool:
    """Whether the run was asked for some of its steps only: its outputs are not all there."""
    return bool(json.loads(row.options_json).get("partial"))


def listing(
    db: Database, pipeline: str | None = None, status: str | None = None, limit: int = 50
) -> tuple[int, list[RunRow]]:
    """How many runs there are in all, and the newest of them, newest first."""
    where, args = _where(pipeline, status)
    ((total,),) = db.query(f"SELECT count(*) FROM runs {where}", args)
    found = db.query(f"{TABLE.select} {where} ORDER BY number DESC LIMIT ?", (*args, limit))
    return total, _intact(db.damage, found, pipeline)


def mark_interrupted(db: Database) -> list[int]:
    """Give the runs whose process is gone their status; returns their numbers.

    Changes nothing, and takes no lock, where there is none.
    """
    if not _abandoned(db.query(f"{TABLE.select} WHERE status = ?", (RUNNING,)), db.damage):
        return []
    with db.transaction() as tx:
        rows = _abandoned(tx.execute(f"{TABLE.select} WHERE status = ?", (RUNNING,)).fetchall(), db.damage)
        for row in rows:
            tx.execute(_UPDATE, (*TABLE.sealed(row._replace(status=INTERRUPTED)), row.id))
            step_runs.cancel_unfinished(tx, row.id, "the run was interrupted")
    return [row.number for row in rows]


def _abandoned(found: list[tuple[Any, ...]], damage: DamageLog) -> list[RunRow]:
    return [row for row in _intact(damage, found, RUNNING) if not is_alive(row.process)]


def _intact(damage: DamageLog, found: Iterable[tuple[Any, ...]], key: object) -> list[RunRow]:
    return TABLE.intact(found, damage, str(key))


def _where(pipeline: str | None, status: str | None) -> tuple[str, list[str]]:
    wanted = {"pipeline = ?": pipeline, "status = ?": status}
    given = {text: value for text, value in wanted.items() if value is not None}
    return ("WHERE " + " AND ".join(given) if given else "", list(given.values()))


def _absent(tx: sqlite3.Connection, id: str) -> Exception:
    if tx.execute("SELECT 1 FROM runs WHERE id = ?", (id,)).fetchone():
        return DamagedState(f"the row of run {id} does not match its checksum", hint="Run `mlops doctor`.")
    return ReferenceNotFound(f"there is no run {id}", hint="`mlops runs ls` lists the runs.")
