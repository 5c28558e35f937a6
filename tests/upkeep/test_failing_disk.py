"""A disk that refuses: a collection ends with the error, keeps what it was to keep, and goes on later."""

import errno
import os
from typing import Any

import numpy as np
import pytest

from mlops_core.execution.upkeep.automatic import keep_within_budget
from mlops_core.execution.upkeep.choice import Rules
from mlops_core.execution.upkeep.cold import pack
from mlops_core.execution.upkeep.collect import collect
from mlops_core.execution.upkeep.scrub import scrub_store
from mlops_core.files.layer import FileLayer
from mlops_core.workspace.workspace import Workspace

MIB = 1 << 20
CALLS = ("create", "write", "protect", "sync", "rename", "remove", "sync_folder")


def refuse(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "no space left")


@pytest.mark.parametrize("call", CALLS)
def test_every_call_that_can_fail(
    workspace: Workspace, past: Any, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = np.random.default_rng(1).integers(0, 255, 4 * MIB, np.uint8)
    past.run(large, seconds=0.1)
    past.run(b"other" * 300_000, seconds=0.1)
    kept = past.run(large[:MIB], seconds=1000.0)
    rules = Rules(budget=3 * MIB // 2)
    with monkeypatch.context() as broken:
        broken.setattr(FileLayer, call, refuse)
        with pytest.raises(OSError, match="no space left"):
            collect(workspace, rules)
        assert np.array_equal(past.value(kept), large[:MIB])
    assert np.array_equal(past.value(kept), large[:MIB])
    assert collect(workspace, rules).after <= 3 * MIB // 2
    assert np.array_equal(past.value(kept), large[:MIB])
    assert len(list((workspace.state_dir / "objects").iterdir())) == 1


def test_upkeep_after_a_run_warns_and_fails_nothing(
    workspace: Workspace, past: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    past.run(b"x" * MIB)
    small = workspace.settings.store._replace(budget=10)
    workspace.settings = workspace.settings._replace(store=small)
    with monkeypatch.context() as broken:
        broken.setattr(FileLayer, "remove", refuse)
        keep_within_budget(workspace)
    assert "warning: the store could not be brought within its budget" in capsys.readouterr().err
    keep_within_budget(workspace)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("call", CALLS)
def test_packing_ends_with_the_error_and_goes_on_later(
    workspace: Workspace, past: Any, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = [np.arange(100_000 + 50_000 * n) % 1000 * 0.5 for n in range(3)]
    digests = [past.run(value) for value in values]
    for path in (workspace.state_dir / "objects").iterdir():
        os.utime(path, (1e9, 1e9))
    with monkeypatch.context() as broken:
        broken.setattr(FileLayer, call, refuse)
        with pytest.raises(OSError, match=r"no space left|no room"):
            pack(workspace, 0)
    assert all(np.array_equal(past.value(d), value) for d, value in zip(digests, values, strict=True))
    pack(workspace, 0)
    with monkeypatch.context() as broken:
        broken.setattr(FileLayer, call, refuse)
        assert all(np.array_equal(past.value(d), value) for d, value in zip(digests, values, strict=True))
    assert all(np.array_equal(past.value(d), value) for d, value in zip(digests, values, strict=True))
    assert scrub_store(workspace).faults == []
