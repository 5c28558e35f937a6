"""A run that takes down what it asks of the disk, and a disk that loses what it may lose with the power."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from mlops_core import pipeline, step
from mlops_core.execution.listener import Listener
from mlops_core.execution.running import run_pipeline
from mlops_core.files.layer import FileLayer
from mlops_core.metadata import journal
from mlops_core.store import store, trust, writer
from mlops_core.workspace.workspace import open_workspace

FLUSHED_AFTER = 4  # steps; what comes later waits for the disk


@step
def small(n: int) -> int:
    return n + 1


@step
def numbers(n: int) -> np.ndarray:
    return np.arange(20_000 + 3_000 * n)  # each begins with the cells of the one before


@step
def total(values: list[np.ndarray]) -> int:
    return sum(int(one.sum()) for one in values)


@pipeline
def work() -> Any:
    count = small(0)
    made = []
    for _ in range(4):
        count = small(count)
        made.append(numbers(count))
    return {"total": total(made), "last": made[-1]}


class Event(NamedTuple):
    """A call and what it was about; ``wal`` is how long the WAL was by then, ``steps`` those finished."""

    call: str
    path: str
    target: str
    wal: int
    steps: tuple[str, ...]


class Recorded(NamedTuple):
    """A project after a run, and the calls that led to it, in order."""

    root: Path
    events: list[Event]

    @property
    def state(self) -> Path:
        return self.root / ".mlops"


class Recorder(Listener):
    """Stands around every method of the file layer; the thread's batches come when a test wants them."""

    def __init__(self, state: Path) -> None:
        self.events: list[Event] = []
        self.finished: list[str] = []
        self.flush: Any = None
        self._state = state

    def step_finished(self, step_run: Any) -> None:
        self.finished.append(step_run.name)
        self.note("finished")
        if len(self.finished) == FLUSHED_AFTER:
            self.flush()

    def note(self, call: str, path: str = "", target: str = "") -> None:
        wal = journal.wal_size(str(self._state / "mlops.db"))
        self.events.append(Event(call, path, target, wal, tuple(self.finished)))

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        rename, sync = FileLayer.rename, FileLayer.sync
        sync_folder, sync_journal = FileLayer.sync_folder, journal.sync

        def seen_rename(layer: FileLayer, source: str, destination: str) -> None:
            rename(layer, source, destination)
            self.note("rename", source, destination)

        def seen_sync(layer: FileLayer, descriptor: int) -> None:
            sync(layer, descriptor)
            self.note("sync", os.readlink(f"/proc/self/fd/{descriptor}"))

        def seen_folder(layer: FileLayer, path: str) -> None:
            sync_folder(layer, path)
            self.note("sync_folder", path)

        def seen_journal(path: str) -> None:
            sync_journal(path)
            self.note("journal")

        patch.setattr(FileLayer, "rename", seen_rename)
        patch.setattr(FileLayer, "sync", seen_sync)
        patch.setattr(FileLayer, "sync_folder", seen_folder)
        patch.setattr(journal, "sync", seen_journal)


def by_size_and_time(status: os.stat_result) -> tuple[int, int, int, int]:
    """A stat signature that a copy keeps: as after a power cut, where the file is still the same inode."""
    return status.st_size, status.st_mtime_ns, 1, 1


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    root = tmp_path_factory.mktemp("recorded")
    (root / "mlops.toml").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLOPS_STATE_DIR", raising=False)
        for module in (store, trust, writer):
            patch.setattr(module, "stat_signature", by_size_and_time)
        workspace = open_workspace(root)
        workspace.syncs.interval = 3600.0
        recorder = Recorder(root / ".mlops")
        recorder.flush = workspace.syncs.flush
        with pytest.MonkeyPatch.context() as watched:
            recorder.watch(watched)
            run = run_pipeline(workspace, work, listener=recorder)
        assert run.status == "succeeded", run.error
        copy = tmp_path_factory.mktemp("cut") / "project"
        # Before the database is closed: its WAL is all there. By another process: closing a descriptor of the
        # database in this one would drop SQLite's locks.
        subprocess.run(["cp", "-a", root, copy], check=True)
        workspace.close()
        yield Recorded(copy, recorder.events)
