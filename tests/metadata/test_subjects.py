"""One subject after another: what is written is what is read."""

import json
import math
from collections.abc import Callable
from enum import Enum

import pytest

from mlops_core.metadata import artifacts, code_parts, lineage, records, runs, step_runs
from mlops_core.metadata.database import Database
from mlops_core.metadata.records import RecordRow
from mlops_core.metadata.runs import RunRow
from mlops_core.metadata.step_runs import StepRunRow

MakeRun = Callable[..., RunRow]
MakeRecord = Callable[..., RecordRow]
MakeStepRun = Callable[..., StepRunRow]


def _digest(number: int) -> bytes:
    return number.to_bytes(16, "big")


def test_a_run_from_start_to_finish(db: Database, make_run: MakeRun) -> None:
    row = make_run("a", params_json='{"depth": 6}')
    with db.transaction() as tx:
        number = runs.start(tx, row)
    assert runs.get(db, number) == runs.get(db, "a") == row._replace(number=1)
    with db.transaction() as tx:
        runs.finish(tx, "a", "succeeded", 2, '{"output": 1}', '{"r2": 0.9}')
    ended = runs.get(db, 1)
    assert ended is not None
    assert (ended.status, ended.seconds, ended.metrics_json) == ("succeeded", 2.0, '{"r2": 0.9}')
    assert runs.get(db, 2) is None


def test_newest_and_listing_by_pipeline_and_status(db: Database, make_run: MakeRun) -> None:
    with db.transaction() as tx:
        for number, (pipeline, status) in enumerate([("a", "failed"), ("b", "failed"), ("a", "succeeded")]):
            runs.start(tx, make_run(str(number), pipeline=pipeline, status=status))
    assert [row.number for row in runs.listing(db, "a")[1]] == [3, 1]
    assert runs.listing(db, status="failed", limit=1) == (2, [runs.get(db, 2)])
    assert runs.newest(db, "a", "failed") == runs.get(db, 1)
    assert runs.newest(db) == runs.get(db, 3)
    assert runs.newest(db, "c") is None


def test_newest_looks_past_many_damaged_rows(db: Database, make_run: MakeRun) -> None:
    with db.transaction() as tx:
        for number in range(50):
            runs.start(tx, make_run(str(number)))
        tx.execute("UPDATE runs SET target = 'x' WHERE number > 3")
    newest = runs.newest(db)
    assert newest is not None
    assert newest.number == 3


def test_runs_of_dead_processes_are_interrupted(
    db: Database, make_run: MakeRun, make_step_run: MakeStepRun, finished: Callable[..., str]
) -> None:
    dead = finished("from mlops_core.metadata.process import identity; print(identity(), end='')")
    with db.transaction() as tx:
        runs.start(tx, make_run("dead", process=dead))
        runs.start(tx, make_run("live"))
        runs.start(tx, make_run("done", process=dead, status="succeeded"))
        for position, status in enumerate(("ran", "running", "waiting")):
            step_runs.add(tx, make_step_run("dead", position, status=status))
    assert runs.mark_interrupted(db) == [1]
    assert runs.mark_interrupted(db) == []
    assert [row.status for row in runs.listing(db)[1]] == ["succeeded", "running", "interrupted"]
    assert [row.status for row in step_runs.of_run(db, "dead")] == ["ran", "cancelled", "cancelled"]


def test_step_runs_are_replaced_by_position(
    db: Database, make_run: MakeRun, make_step_run: MakeStepRun
) -> None:
    with db.transaction() as tx:
        runs.start(tx, make_run("a"))
        step_runs.add(tx, make_step_run("a", 1, status="cached", name="b"))
        step_runs.add(tx, make_step_run("a", 0, status="running"))
        step_runs.add(tx, make_step_run("a", 0, status="ran", started=7))
    rows = step_runs.of_run(db, "a")
    assert [(row.position, row.status) for row in rows] == [(0, "ran"), (1, "cached")]
    assert step_runs.history(db, "a.py:train") == rows[:1]
    assert step_runs.history(db, "elsewhere") == []


def test_records_newest_first_until_dropped(db: Database, make_record: MakeRecord) -> None:
    with db.transaction() as tx:
        ids = [records.add(tx, make_record(created=float(n), seconds=-0.0)) for n in range(3)]
        records.add(tx, make_record(b"x" * 16, label="b.py:other", name="other"))
    assert [row.id for row in records.find(db, b"k" * 16)] == ids[::-1]
    with db.transaction() as tx:
        records.drop(tx, ids[2], "its value is gone")
    assert [row.id for row in records.find(db, b"k" * 16)] == [ids[1], ids[0]]
    dropped = records.get(db, ids[2])
    assert dropped is not None
    assert dropped.dropped == "its value is gone"
    assert records.find(db, b"z" * 16) == []


def test_an_id_of_a_record_is_never_given_again(db: Database, make_record: MakeRecord) -> None:
    with db.transaction() as tx:
        first = records.add(tx, make_record())
        tx.execute("DELETE FROM records")
        assert records.add(tx, make_record()) == first + 1


def test_the_nearest_records_are_of_the_same_code_or_step(db: Database, make_record: MakeRecord) -> None:
    with db.transaction() as tx:
        same = records.add(tx, make_record())
        moved = records.add(tx, make_record(label="new.py:train"))
        renamed = records.add(tx, make_record(name="fit"))
        records.add(tx, make_record(label="b.py:other", name="other"))
    found = records.nearest(db, "a.py:train", "train", "digits")
    assert [row.id for row in found] == [renamed, moved, same]
    assert [row.id for row in records.nearest(db, "a.py:train", "train", "digits", limit=1)] == [renamed]


def test_artifacts_by_digest_and_prefix(db: Database) -> None:
    with db.transaction() as tx:
        for number in (0x0A << 120, 0x0AB << 116, 0xFF << 120):
            artifacts.add(tx, _digest(number), json.dumps(number), "json/0", "int", 8)
        artifacts.add(tx, _digest(0xFF << 120), '"again"', "json/0", "str", 8)
    assert artifacts.get(db, _digest(0xFF << 120)) == '"again"'
    assert artifacts.get(db, _digest(1)) is None
    assert artifacts.by_prefix(db, "0a") == [_digest(0x0A << 120), _digest(0x0AB << 116)]
    assert artifacts.by_prefix(db, "0ab") == [_digest(0x0AB << 116)]
    assert artifacts.by_prefix(db, "1") == []
    for wrong in ("", "xyz", "0" * 33):
        with pytest.raises(ValueError):  # noqa: PT011 - the message is bytes.fromhex's for one of them
            artifacts.by_prefix(db, wrong)


def test_lineage_up_and_down(db: Database, make_run: MakeRun) -> None:
    with db.transaction() as tx:
        for id in ("a", "b"):
            runs.start(tx, make_run(id))
            lineage.add_edges(tx, id, "load", [], _digest(1))
            lineage.add_edges(tx, id, "train", [("table", _digest(1), "a table")], _digest(2))
    assert [(edge.run_number, edge.step_name) for edge in lineage.producers(db, _digest(1))] == [
        (2, "load"),
        (1, "load"),
    ]
    (edge, _) = lineage.consumers(db, _digest(1))
    assert edge == ("b", 2, "digits", "train", "table", _digest(1), "a table", _digest(2))
    assert [edge.step_name for edge in lineage.of_run(db, "a")] == ["load", "train"]


def test_code_parts_keep_the_last_source(db: Database) -> None:
    with db.transaction() as tx:
        code_parts.add(tx, [(_digest(1), "a.py:f", "a.py", "def f(): ...")])
        code_parts.add(tx, [(_digest(1), "b.py:f", "b.py", "def f():\n    ...")])
    part = code_parts.get(db, _digest(1))
    assert part is not None
    assert (part.label, part.source) == ("b.py:f", "def f():\n    ...")
    assert code_parts.get(db, _digest(2)) is None


class _Color(str, Enum):  # noqa: UP042 - str() of it is not its value
    RED = "red"


def test_values_come_back_in_the_form_that_was_sealed(db: Database, make_record: MakeRecord) -> None:
    row = make_record(
        name=_Color.RED, seconds=3, created=True, run_number=True, flags='{"a": "é\\u0000"}', key=b"q" * 16
    )
    with db.transaction() as tx:
        records.add(tx, row)
        records.add(tx, row._replace(seconds=math.inf))
    found = records.find(db, b"q" * 16)
    assert [(type(r.name), r.name, r.seconds, r.created, r.run_number) for r in found] == [
        (str, "red", math.inf, 1.0, 1),
        (str, "red", 3.0, 1.0, 1),
    ]
    assert found[0].flags == row.flags
