"""What the database says is stored, and what refers to it: what upkeep asks before it removes anything.

Every function takes ``read``, a SELECT's rows as of now: ``Database.query``, or ``within(tx)`` for what a
transaction sees. Rows of records and runs are not checked against their seals here: a damaged one keeps what
it names, which costs room and never a value.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from mlops_core.engine.cells import CellRow, GrownRow, read_parts
from mlops_core.metadata.cells import CELLS, GROWN, SEGMENTS
from mlops_core.metadata.damage import DamageLog
from mlops_core.metadata.process import is_alive

Read = Callable[..., list[tuple[Any, ...]]]


class ResultRow(NamedTuple):
    """A usable record, as far as the worth of its value goes; ``restores`` are digests that it needs, too."""

    id: int
    output: bytes
    seconds: float
    created: float
    pipeline: str
    name: str
    run_number: int
    restores: tuple[bytes, ...]


def within(tx: sqlite3.Connection) -> Read:
    """Reads inside a transaction, which see what it has changed so far."""
    return lambda sql, args=(): tx.execute(sql, args).fetchall()


def results(read: Read) -> list[ResultRow]:
    """The usable records, oldest first."""
    sql = (
        "SELECT id, output, seconds, created, pipeline, name, run_number, flags"
        " FROM records WHERE dropped IS NULL ORDER BY id"
    )
    return [ResultRow._make((*row[:-1], tuple(_restores(row[-1])))) for row in read(sql)]


def _restores(flags: str) -> Iterator[bytes]:
    if '"restores"' in flags:
        for digest, _ in _json(flags).get("restores", {}).values():
            yield bytes.fromhex(digest)


def manifest_seals(read: Read) -> dict[bytes, bytes]:
    """Every recorded artifact with the seal of its row, which changes when its manifest does."""
    return dict(read("SELECT digest, seal FROM artifacts"))


def last_used(read: Read) -> dict[bytes, float]:
    """The values that past step runs gave, and when (Unix time) a run last had each."""
    sql = (
        "SELECT output, max(coalesce(again, s.started, 0)) FROM step_runs AS s"
        " LEFT JOIN (SELECT same_as, max(started) AS again FROM runs WHERE same_as IS NOT NULL"
        " GROUP BY same_as) AS r ON r.same_as = s.run_id"
        " WHERE output IS NOT NULL AND status <> 'skipped' GROUP BY output"
    )
    return dict(read(sql))


def run_outputs(read: Read) -> Iterator[tuple[bytes, float]]:
    """What past runs returned, and when (Unix time) each of them started."""
    for text, started in read("SELECT outputs_json, started FROM runs WHERE outputs_json IS NOT NULL"):
        for digest in _outputs(text):
            yield digest, started


def latest_outputs(read: Read) -> set[bytes]:
    """What the newest succeeded run of every pipeline returned: ``latest`` may be asked for it."""
    sql = (
        "SELECT outputs_json FROM runs WHERE outputs_json IS NOT NULL AND number IN"
        " (SELECT max(number) FROM runs WHERE status = 'succeeded'"
        " AND NOT coalesce(options_json ->> '$.partial', 0) GROUP BY pipeline)"
    )
    return {digest for (text,) in read(sql) for digest in _outputs(text)}


def used_by_running(read: Read) -> set[bytes]:
    """What went into and came out of the steps of runs that are going on."""
    found: set[bytes] = set()
    for id in running(read):
        for edge in read("SELECT input, output FROM lineage WHERE run_id = ?", (id,)):
            found.update(digest for digest in edge if digest is not None)
    return found


def running(read: Read) -> list[str]:
    """The ids of the runs that are going on: their processes live."""
    rows = read("SELECT id, process FROM runs WHERE status = 'running'")
    return [id for id, process in rows if is_alive(process)]


def cell_rows(read: Read, damage: DamageLog) -> list[CellRow]:
    """Every intact row of a large cell, by segment and place in it."""
    ids = _segment_ids(read, damage)
    cells = CELLS.intact(read(f"{CELLS.select} ORDER BY segment, offset"), damage, "cells")
    return [CellRow(c.digest, ids[c.segment], *c[2:]) for c in cells if c.segment in ids]


def grown_rows(read: Read, damage: DamageLog) -> list[GrownRow]:
    """Every intact row of a cell that is put together from others, by the segment that lists it."""
    ids = _segment_ids(read, damage)
    rows = GROWN.intact(read(f"{GROWN.select} ORDER BY segment"), damage, "cells")
    return [GrownRow(r.digest, ids[r.segment], read_parts(r.parts), r.head) for r in rows if r.segment in ids]


def listed_rows(read: Read, damage: DamageLog) -> list[CellRow | GrownRow]:
    """Both: everything that segments hold and list."""
    return [*cell_rows(read, damage), *grown_rows(read, damage)]


def _segment_ids(read: Read, damage: DamageLog) -> dict[int, str]:
    return {row.number: row.id for row in SEGMENTS.intact(read(SEGMENTS.select), damage, "segments")}


def small_cells(read: Read) -> dict[bytes, int]:
    """Every small cell with its length in bytes."""
    return dict(read("SELECT digest, length(content) FROM small_cells"))


def stored_bytes(read: Read) -> int:
    """Bytes of values as the database knows them, cheaply: segments and small cells."""
    ((segments,),) = read(
        "SELECT coalesce(sum(size), 0) FROM segments WHERE number IN"
        " (SELECT segment FROM cells UNION SELECT segment FROM grown_cells)"
    )
    ((small,),) = read("SELECT coalesce(sum(length(content)), 0) FROM small_cells")
    return int(segments) + int(small)


def _outputs(text: str) -> Sequence[bytes]:
    digests = _json(text).get("digests", {})
    return [bytes.fromhex(digest) for digest in digests.values() if digest is not None]


def _json(text: str) -> Any:
    """An object; one that cannot be read refers to nothing."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
