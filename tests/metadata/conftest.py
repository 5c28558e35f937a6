"""Databases, rows and subprocesses for the tests of the metadata room."""

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import mlops_core
from mlops_core.metadata.database import Database
from mlops_core.metadata.process import identity
from mlops_core.metadata.records import RecordRow
from mlops_core.metadata.runs import RunRow
from mlops_core.metadata.step_runs import StepRunRow


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / ".mlops"


@pytest.fixture
def db(state: Path) -> Iterator[Database]:
    database = Database.open(state)
    yield database
    database.close()


def _run(id: str, **changes: object) -> RunRow:
    row = RunRow(
        id, 0, "digits", "digits.py", "running", 100.5, None, "{}", None, None, None, "{}", identity()
    )
    return row._replace(**changes)  # type: ignore[arg-type]


def _step_run(run_id: str, position: int = 0, **changes: object) -> StepRunRow:
    row = StepRunRow(
        run_id, position, "train", "train", "a.py:train", "ran", "first run", "[]", b"k" * 16, b"o" * 16, 1.5,
        None, 1000, 100.5, None, "{}",
    )  # fmt: skip
    return row._replace(**changes)  # type: ignore[arg-type]


def _record(key: bytes = b"k" * 16, **changes: object) -> RecordRow:
    row = RecordRow(
        0, key, b"o" * 16, "[]", "{}", "a.py:train", "train", "digits", "r", 1, 1.5, 100.5, "{}"
    )  # fmt: skip
    return row._replace(**changes)  # type: ignore[arg-type]


@pytest.fixture
def make_run() -> Callable[..., RunRow]:
    return _run


@pytest.fixture
def make_step_run() -> Callable[..., StepRunRow]:
    return _step_run


@pytest.fixture
def make_record() -> Callable[..., RecordRow]:
    return _record


@pytest.fixture
def spawn() -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start a Python with a script and arguments; whatever still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []
    source = os.path.dirname(next(iter(mlops_core.__path__)))
    path = os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))

    def start(script: str, *args: object) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", textwrap.dedent(script), *map(str, args)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def finished(spawn: Callable[..., "subprocess.Popen[str]"]) -> Callable[..., str]:
    """Run a script to its end and give what it printed; it must succeed."""

    def run(script: str, *args: object) -> str:
        process = spawn(script, *args)
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        return output

    return run


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder that every user reaches, unlike ``tmp_path``: a test may give up the rights of root in it."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    if os.geteuid() != os.getuid():
        os.seteuid(os.getuid())
    for place in [folder, *folder.rglob("*")]:
        place.chmod(0o700)
    shutil.rmtree(folder)
