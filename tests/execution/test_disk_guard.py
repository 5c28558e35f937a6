"""The forecast of the disk: what counts, what does not, and when it is asked for. Free room is injected."""

import numpy as np
import pytest

from mlops_core import pipeline, step
from mlops_core.errors import DiskFull, NotEnoughDisk
from mlops_core.execution import disk_full, disk_guard
from mlops_core.execution.finish import step_failure
from mlops_core.execution.options import RunOptions
from mlops_core.execution.running import plan_pipeline, run_pipeline
from mlops_core.workspace.workspace import Workspace, open_workspace

MIB = 1 << 20


@step
def small(n: int) -> int:
    return n + 1


@step
def big(n: int) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 255, 2 * MIB, dtype=np.uint8)


@step
def unheard_of(n: int) -> int:
    return n


@pipeline
def work(n: int = 1):
    return {"big": big(small(n))}


@pipeline
def mapped(count: int = 3):
    return {"all": big.map(list(range(count)))}


@pipeline
def with_a_new_step(n: int = 1):
    return {"big": big(small(n)), "new": unheard_of(n)}


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MLOPS_STATE_DIR", raising=False)
    (tmp_path / "mlops.toml").touch()
    with open_workspace(tmp_path) as opened:
        yield opened


@pytest.fixture
def room(monkeypatch):
    """Sets how many bytes are free, and counts how often that was asked for."""
    asked = []

    def set_to(free: int) -> list[object]:
        monkeypatch.setattr(disk_guard, "free_bytes", lambda folder: asked.append(folder) or free)
        monkeypatch.setattr(disk_guard, "_RESERVE", 0)
        return asked

    return set_to


def test_what_did_fit_once_and_does_not_fit_again(workspace: Workspace, room) -> None:
    assert run_pipeline(workspace, work).status == "succeeded"
    room(MIB)
    run = run_pipeline(workspace, work, (2,))
    assert run.status == "failed"
    assert isinstance(run.error, NotEnoughDisk)
    assert [step.status for step in run.steps] == ["cancelled", "cancelled"]
    assert run.error.free == MIB
    assert 2 * MIB < run.error.needed < 2 * MIB + 10_000
    assert "would store about 2.0 MiB and may use 1.0 MiB" in run.error.message
    assert "mlops store gc" in run.error.hint
    room(3 * MIB)
    assert run_pipeline(workspace, work, (2,)).status == "succeeded"


def test_a_run_with_nothing_to_do_does_not_ask(workspace: Workspace, room) -> None:
    run_pipeline(workspace, work)
    asked = room(0)
    assert [step.status for step in run_pipeline(workspace, work).steps] == ["cached", "cached"]
    assert asked == []


def test_steps_that_are_cached_count_as_nothing(workspace: Workspace, room) -> None:
    """All steps together would not fit; only the one that runs has to."""
    run_pipeline(workspace, work)
    room(MIB)
    run = run_pipeline(workspace, work, options=RunOptions(force=("small",)))
    assert run.status == "failed", "whether big runs is not known before small has run"
    assert run_pipeline(workspace, with_a_new_step).status == "succeeded"


def test_steps_without_history_count_as_nothing_and_are_named(workspace: Workspace, room) -> None:
    room(100)
    assert run_pipeline(workspace, work).status == "succeeded", "nothing is known yet"
    run = run_pipeline(workspace, with_a_new_step, (5,))
    assert isinstance(run.error, NotEnoughDisk)
    assert run.error.unknown == ["unheard_of"]
    assert "because they never ran: unheard_of" in run.error.message


def test_a_map_counts_item_by_item(workspace: Workspace, room) -> None:
    run_pipeline(workspace, mapped)
    room(3 * MIB)
    run = run_pipeline(workspace, mapped, options=RunOptions(force=("big",)))
    assert isinstance(run.error, NotEnoughDisk)
    assert run.error.needed > 6 * MIB


def test_a_result_that_stored_nothing_new_is_forecast_as_that(workspace: Workspace, room) -> None:
    run_pipeline(workspace, work)
    for _ in range(3):
        run_pipeline(workspace, work, options=RunOptions(force=("big",)))
    steps = {s.name: s for s in plan_pipeline(workspace, work, options=RunOptions(force=("big",))).steps}
    assert steps["big"].expected_bytes < 10_000
    room(MIB)
    assert run_pipeline(workspace, work, options=RunOptions(force=("big",))).status == "succeeded"


def test_a_disk_that_cannot_be_asked_stops_nothing(workspace: Workspace, monkeypatch) -> None:
    run_pipeline(workspace, work)

    def fail(folder: object) -> int:
        raise OSError("no answer")

    monkeypatch.setattr(disk_guard, "free_bytes", fail)
    assert run_pipeline(workspace, work, (2,)).status == "succeeded"


def test_the_error_of_a_full_disk_keeps_its_code(workspace: Workspace) -> None:
    full = disk_full.explained(workspace, 5 * MIB, OSError(122, "Disk quota exceeded"))
    assert "quota" in full.message
    failure = step_failure("big", 3, full)
    assert isinstance(failure, DiskFull)
    assert (failure.code, failure.exit_status, failure.needed) == ("disk_full", 4, 5 * MIB)
    assert "step 'big' of run 3" in failure.message
