"""Lineage: which digests went into a step and which one came out."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from mlops_core.metadata.database import Database
from mlops_core.metadata.sealed import as_text


class EdgeRow(NamedTuple):
    """An input of a step and its output, by digest; ``text`` says what the input is, for people.

    A step without inputs has one edge with an empty ``argument`` and no ``input``.
    """

    run_id: str
    run_number: int
    pipeline: str
    step_name: str
    argument: str
    input: bytes | None
    text: str
    output: bytes | None


_ADD = "INSERT INTO lineage (run_id, step_name, argument, input, text, output) VALUES (?, ?, ?, ?, ?, ?)"
_SELECT = (
    "SELECT l.run_id, r.number, r.pipeline, l.step_name, l.argument, l.input, l.text, l.output"
    " FROM lineage AS l JOIN runs AS r ON r.id = l.run_id"
)
_BY_OUTPUT = f"{_SELECT} WHERE l.output = ? ORDER BY r.number DESC, l.rowid"
_BY_INPUT = f"{_SELECT} WHERE l.input = ? ORDER BY r.number DESC, l.rowid"
_BY_TEXT = f"{_SELECT} WHERE l.text = ? ORDER BY r.number DESC, l.rowid"
_OF_RUN = f"{_SELECT} WHERE l.run_id = ? ORDER BY l.rowid"


def add_edges(
    tx: sqlite3.Connection,
    run_id: str,
    step_name: str,
    inputs: Sequence[tuple[str, bytes | None, str]],
    output: bytes | None,
) -> None:
    """Note the inputs ``(argument, digest, text)`` of a step and what it gave."""
    tx.executemany(
        _ADD,
        [
            (run_id, step_name, argument, digest, as_text(text), output)
            for argument, digest, text in inputs or [("", None, "")]
        ],
    )


def producers(db: Database, digest: bytes) -> list[EdgeRow]:
    """The edges that end in a digest, of the newest run first."""
    return [EdgeRow(*row) for row in db.query(_BY_OUTPUT, (digest,))]


def consumers(db: Database, digest: bytes) -> list[EdgeRow]:
    """The edges that begin with a digest, of the newest run first."""
    return [EdgeRow(*row) for row in db.query(_BY_INPUT, (digest,))]


def of_run(db: Database, run_id: str) -> list[EdgeRow]:
    """All edges of a run, in the order in which they were added."""
    return [EdgeRow(*row) for row in db.query(_OF_RUN, (run_id,))]


def of_text(db: Database, text: str) -> list[EdgeRow]:
    """The edges whose input is called ``text``, of the newest run first."""
    return [EdgeRow(*row) for row in db.query(_BY_TEXT, (as_text(text),))]
