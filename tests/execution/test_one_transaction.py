"""A step's result and its row are committed together, before the step is announced."""

import sqlite3

import pytest

from mlops_core import pipeline, step
from mlops_core.execution.listener import Listener
from mlops_core.execution.running import run_pipeline
from mlops_core.metadata import records, runs, step_runs
from mlops_core.metadata.writer import Writer
from mlops_core.workspace.workspace import Workspace, open_workspace


@step
def first() -> int:
    return 1


@step
def second(n: int) -> int:
    return n + 1


@pipeline
def work():
    return {"n": second(first())}


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MLOPS_STATE_DIR", raising=False)
    (tmp_path / "mlops.toml").touch()
    with open_workspace(tmp_path) as opened:
        yield opened


class Looking(Listener):
    """Reads, when a step is announced, what is committed of it."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.seen: list[tuple[str, int, int]] = []

    def step_finished(self, step_run) -> None:
        query = self.workspace.database.query
        ((rows,),) = query(
            "SELECT count(*) FROM step_runs WHERE name = ? AND status = 'ran'", [step_run.name]
        )
        ((kept,),) = query("SELECT count(*) FROM records WHERE name = ?", [step_run.name])
        self.seen.append((step_run.name, rows, kept))


def test_what_is_announced_is_committed(workspace: Workspace) -> None:
    looking = Looking(workspace)
    run_pipeline(workspace, work, listener=looking)
    assert looking.seen == [("first", 1, 1), ("second", 1, 1)]


def test_a_finished_step_costs_one_transaction(workspace: Workspace, monkeypatch) -> None:
    begun: list[int] = []
    plain = Writer._scope

    def counted(self, connection, begin, *rest):
        begun.append(begin == "BEGIN IMMEDIATE")
        return plain(self, connection, begin, *rest)

    monkeypatch.setattr(Writer, "_scope", counted)
    run_pipeline(workspace, work)
    assert sum(begun) == 4  # the run begins, two steps, the run ends


def test_a_result_that_cannot_be_committed_leaves_neither_record_nor_row(
    workspace: Workspace, monkeypatch
) -> None:
    plain = step_runs.add

    def refuse(tx: sqlite3.Connection, row: step_runs.StepRunRow) -> None:
        plain(tx, row)
        if row.name == "second" and row.status == "ran":
            raise sqlite3.OperationalError("refused")

    with monkeypatch.context() as broken:
        broken.setattr(step_runs, "add", refuse)
        run = run_pipeline(workspace, work)
    assert run.status == "failed"
    assert {one.name: one.status for one in run.steps} == {"first": "ran", "second": "cancelled"}
    row = runs.newest(workspace.database)
    assert row is not None
    assert [(s.name, s.status, s.output is None) for s in step_runs.of_run(workspace.database, row.id)] == [
        ("first", "ran", False),
        ("second", "cancelled", True),
    ]
    assert records.nearest(workspace.database, "second", "second", "work") == []
    again = run_pipeline(workspace, work)
    assert {one.name: one.status for one in again.steps} == {"first": "cached", "second": "ran"}
