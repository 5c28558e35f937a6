"""Every call that writes a result made to fail in turn, while a pipeline runs. All of it is injected."""

import errno
from pathlib import Path

import numpy as np
import pytest

from mlops_core import pipeline, step
from mlops_core.errors import DiskFull
from mlops_core.execution.running import run_pipeline
from mlops_core.execution.upkeep.scrub import scrub_store
from mlops_core.files.layer import FileLayer
from mlops_core.workspace.workspace import Workspace, open_workspace

CALLS = ("create", "write", "protect", "sync", "rename", "sync_folder")


@step
def small(n: int) -> int:
    return n + 1


@step
def big(n: int) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 255, 3 << 20, dtype=np.uint8)


@pipeline
def work(n: int = 1):
    return {"big": big(small(n))}


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.delenv("MLOPS_STATE_DIR", raising=False)
    (tmp_path / "mlops.toml").touch()
    with open_workspace(tmp_path) as opened:
        yield opened


def files(workspace: Workspace, folder: str) -> list[Path]:
    return [path for path in (workspace.state_dir / folder).rglob("*") if path.is_file()]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_fails(workspace: Workspace, call: str, number: int, monkeypatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, "refused")

    with monkeypatch.context() as broken:
        broken.setattr(FileLayer, call, refuse)
        run = run_pipeline(workspace, work)
    assert run.status == "failed"
    assert run.error is not None
    full = number != errno.EIO
    assert isinstance(run.error, DiskFull) is full
    assert not full or run.error.exit_status == 4
    assert files(workspace, "tmp") == []
    if call in ("sync", "sync_folder"):  # behind the step, in batches: its bytes are there, not on the disk
        assert [step.status for step in run.steps] == ["ran", "ran"]
    else:
        assert "ran" not in [step.status for step in run.steps][1:]
        assert files(workspace, "objects") == []
    again = run_pipeline(workspace, work)
    assert again.status == "succeeded", again.error
    assert np.array_equal(again.outputs["big"], big.__wrapped__(2))
    assert scrub_store(workspace).faults == []
    assert files(workspace, "tmp") == []
