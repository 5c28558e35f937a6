"""A workspace in a temporary folder, and steps' results put into it as runs do, without running anything."""

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import mlops_core
from mlops_core import formats
from mlops_core.clock import Clock
from mlops_core.errors import DamagedState
from mlops_core.execution.keep import add_artifact
from mlops_core.execution.loading import Loader
from mlops_core.execution.run_id import new_run_id
from mlops_core.fingerprints.values import value_fingerprint
from mlops_core.metadata import cells, lineage, records, runs, step_runs
from mlops_core.metadata.process import identity
from mlops_core.metadata.records import RecordRow
from mlops_core.metadata.runs import RunRow
from mlops_core.metadata.step_runs import StepRunRow
from mlops_core.workspace.workspace import Workspace, open_workspace

SOURCE = os.path.dirname(next(iter(mlops_core.__path__)))
DAY = 86_400.0


class FixedClock(Clock):
    """A clock that stands at a moment."""

    def __init__(self, moment: float) -> None:
        self._moment = moment

    def now(self) -> float:
        return self._moment


@dataclass
class Past:
    """Makes runs that have ended (or still go on), each with one step that returned a value."""

    workspace: Workspace
    count: int = 0
    keys: list[bytes] = field(default_factory=list)

    def run(
        self,
        value: object,
        *,
        step: str = "train",
        pipeline: str = "work",
        seconds: float = 1.0,
        day: float = 0.0,
        status: str = "failed",
        returned: bool = False,
        process: str = "",
        recorded: bool = True,
    ) -> bytes:
        """Store a value as the result of a step on a day; gives its digest."""
        self.count += 1
        key, started, id = self.count.to_bytes(16, "big"), 1e9 + day * DAY, new_run_id()
        self.keys.append(key)
        workspace = self.workspace
        writer = workspace.store.writer()
        artifact = formats.save(value, writer, value_fingerprint)
        digest = artifact.digest
        with workspace.database.transaction() as tx:
            cells.add(tx, writer.commit())
            add_artifact(tx, artifact)
            row = RunRow(
                id, 0, pipeline, "", "running", started, None, "{}", None, None, None, "{}",
                process or identity(),
            )  # fmt: skip
            number = runs.start(tx, row)
            lineage.add_edges(tx, id, step, [], digest)
            if recorded:
                records.add(tx, RecordRow(
                    0, key, digest, "[]", "{}", step, step, pipeline, id, number, seconds, started, "{}"
                ))  # fmt: skip
            step_runs.add(tx, StepRunRow(
                id, 0, step, step, step, "ran", "", "[]", key, digest, seconds, None, None, started, None,
                "{}",
            ))  # fmt: skip
            if status != "running":
                outputs = json.dumps({"digests": {"output": digest.hex()} if returned else {}, "shown": {}})
                runs.finish(tx, id, status, 1.0, outputs)
        writer.release()
        return digest

    def value(self, digest: bytes) -> object:
        """The value of a digest; raises DamagedState where it is not there."""
        return Loader(self.workspace).by_digest(digest)

    def has(self, digest: bytes) -> bool:
        """Whether the value can be had."""
        try:
            self.value(digest)
        except DamagedState:
            return False
        return True

    def dropped(self, number: int) -> str | None:
        """Why the record of a run (from 0) may not be used; None where it may, or where there is none."""
        row = next(iter(records.of_key(self.workspace.database, self.keys[number])), None)
        return row.dropped if row else None


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "project"
    place.mkdir()
    (place / "mlops.toml").touch()
    return place


@pytest.fixture(autouse=True)
def state_in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLOPS_STATE_DIR", raising=False)


@pytest.fixture
def workspace(root: Path) -> Iterator[Workspace]:
    with open_workspace(root) as opened:
        yield opened


@pytest.fixture
def make_workspace() -> Callable[[Path], Workspace]:
    """Opens the workspace of a project folder, which is made where it is not there."""

    def make(root: Path) -> Workspace:
        root.mkdir(exist_ok=True)
        (root / "mlops.toml").touch()
        return open_workspace(root)

    return make


@pytest.fixture
def past(workspace: Workspace) -> Past:
    return Past(workspace)


@pytest.fixture
def past_class() -> type[Past]:
    return Past


@pytest.fixture
def clock() -> Callable[[float], Clock]:
    """A clock that stands at a day of the past."""
    return lambda day: FixedClock(1e9 + day * DAY)


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of child processes: they import what we import."""
    left_out = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "MLOPS_STATE_DIR", "MLOPS_CACHE")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | {"PYTHONPATH": SOURCE, "PYTHONUTF8": "1"}


@pytest.fixture
def spawn() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start a Python with a script and arguments; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str, *args: object) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(script), *map(str, args)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": SOURCE},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
