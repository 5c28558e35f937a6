"""How the tests of the command line call it: in this process, or as a process of its own."""

import json
import os
import re
import select
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import mlops_core.cli
from mlops_core.cli.entry import main

# The tree or the installed package: whatever this process imports, its children import.
PACKAGE_PARENT = str(Path(mlops_core.cli.__file__).parents[2])
COMMAND = [sys.executable, "-c", "import sys; from mlops_core.cli.entry import main; sys.exit(main())"]


@dataclass
class Ended:
    """What came out of one call."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Stdout as the one JSON document."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document


@dataclass
class FakeStep:
    name: str = "train"
    status: str = "ran"
    reason: str = "no earlier result"
    seconds: float = 0.0
    saved_seconds: float = 0.0


@dataclass
class FakeRun:
    number: int | None = 42
    pipeline: str = "digits"
    status: str = "succeeded"
    steps: list[FakeStep] = field(default_factory=list)
    params: dict[str, object] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    outputs_json: dict[str, object] = field(default_factory=dict)
    seconds: float = 0.0
    error: BaseException | None = None
    error_json: dict[str, str] | None = None


@pytest.fixture
def fake_step() -> type[FakeStep]:
    return FakeStep


@pytest.fixture
def fake_run() -> type[FakeRun]:
    return FakeRun


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder, and the current one."""
    place = tmp_path / "project"
    place.mkdir()
    (place / "mlops.toml").write_text("")
    monkeypatch.chdir(place)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "MLOPS_STATE_DIR", "MLOPS_CACHE"):
        monkeypatch.delenv(name, raising=False)
    return place


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Call the command in this process."""

    def call(*arguments: str) -> Ended:
        capsys.readouterr()
        streams = sys.stdout, sys.stderr
        try:
            status = main(arguments)
        finally:
            sys.stdout, sys.stderr = streams
        captured = capsys.readouterr()
        return Ended(status, captured.out, captured.err)

    return call


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of child processes: they import what we import, and nothing colours or cuts."""
    left_out = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "MLOPS_STATE_DIR", "MLOPS_CACHE")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return kept | {"PYTHONPATH": PACKAGE_PARENT, "PYTHONUTF8": "1", "TERM": "xterm"}


@pytest.fixture
def command() -> list[str]:
    """The command line's own words, for tests that start the process themselves."""
    return COMMAND


@pytest.fixture
def mlops(environment: dict[str, str]) -> Callable[..., Ended]:
    """Call the command as a process."""

    def call(*arguments: str, cwd: Path | None = None, **changed: str) -> Ended:
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=cwd,
            env=environment | changed,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=120,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return call


@pytest.fixture
def until() -> Callable[[int, bytes, bytes], bytes]:
    """Read from a descriptor up to and with a match of a pattern; gives all that was seen."""

    def read(descriptor: int, pattern: bytes, seen: bytes) -> bytes:
        while not re.search(pattern, seen):
            ready, _, _ = select.select([descriptor], [], [], 60)
            assert ready, seen
            try:
                seen += os.read(descriptor, 4096)
            except OSError as error:  # a terminal that everybody has left
                raise AssertionError(f"ended before {pattern!r}: {seen!r}") from error
        return seen

    return read
