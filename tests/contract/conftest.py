"""Real projects in a temporary folder, run by fresh processes through the public face alone."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import mlops_core

# The tree or the installed package: whatever this process imports, its children import.
PACKAGE_PARENT = str(Path(mlops_core.__file__).parents[1])
COMMAND = [sys.executable, "-m", "mlops_core"]
PRELUDE = """\
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple
import sys
from mlops_core import ContentOnly, Metrics, Output, fingerprint, latest, pipeline, step, when, writable
"""
LIBRARIES = {"np.": "import numpy as np\n", "pa.": "import pyarrow as pa\n"}
_OURS = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "MLOPS_STATE_DIR", "MLOPS_CACHE")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in _OURS} | {
    "PYTHONPATH": PACKAGE_PARENT,
    "PYTHONDONTWRITEBYTECODE": "1",  # an edit within one second must not run the bytecode from before it
    "PYTHONUTF8": "1",
}


@dataclass
class Ended:
    """What came out of a process."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Stdout as the one JSON document."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document

    @property
    def value(self) -> Any:
        """The last line of stdout as JSON: what a test's script has to say."""
        assert self.status == 0, self.err
        return json.loads(self.out.splitlines()[-1])

    @property
    def steps(self) -> dict[str, str]:
        """Step names of a run and their status (of a plan: verdict), in order."""
        return {s["name"]: s.get("status") or s["verdict"] for s in self.document["steps"]}

    @property
    def outputs(self) -> dict[str, Any]:
        """The outputs of a run that succeeded."""
        assert self.status == 0, self.err
        outputs: dict[str, Any] = self.document["outputs"]
        return outputs

    @property
    def error(self) -> dict[str, str]:
        """The error object of a command that failed."""
        assert self.status != 0, self.out
        error: dict[str, str] = self.document["error"]
        return error

    def reason(self, name: str) -> str:
        """The reason of a step."""
        return str(self._step(name)["reason"])

    def kinds(self, name: str) -> list[str]:
        """The kinds of a step's reasons."""
        return [reason["kind"] for reason in self._step(name)["reasons"]]

    def _step(self, name: str) -> dict[str, Any]:
        return next(step for step in self.document["steps"] if step["name"] == name)


def prelude(body: str) -> str:
    """The imports for a body: libraries only where it uses them, since a worker process loads them anew."""
    return PRELUDE + "".join(line for use, line in LIBRARIES.items() if use in body)


class FreshProcesses:
    """Runs each program in a process that has never seen a project."""

    def __init__(self) -> None:
        words = [sys.executable, str(Path(__file__).with_name("fresh_processes.py"))]
        pipe = subprocess.PIPE
        self._server = subprocess.Popen(words, env=ENVIRONMENT, stdin=pipe, stdout=pipe, text=True)

    def run(self, program: list[str], cwd: Path, environment: dict[str, str], streams: Path) -> Ended:
        out, err = streams / "out", streams / "err"
        request = {
            "program": program, "cwd": str(cwd), "environment": environment, "out": str(out), "err": str(err),
        }  # fmt: skip
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        answer = self._server.stdout.readline()
        assert answer, "the server of fresh processes has died"
        return Ended(int(answer), out.read_text(), err.read_text())

    def end(self) -> None:
        self._server.communicate()


class Project:
    """A project on disk: write it, run it, edit it, run it again."""

    def __init__(self, root: Path, streams: Path, processes: FreshProcesses) -> None:
        self.root = root
        self.environment = dict(ENVIRONMENT)
        self._streams = streams
        self._processes = processes

    def write(self, files: dict[str, str]) -> None:
        """Write files by their path from the root."""
        for name, text in files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text))

    def pipe(self, body: str, name: str = "pipe.py") -> None:
        """Write a module that begins with the imports that the tests use."""
        self.write({name: prelude(body) + dedent(body)})

    def edit(self, old: str, new: str, name: str = "pipe.py") -> None:
        """Replace a text of a file, which must have it once."""
        file = self.root / name
        text = file.read_text()
        assert text.count(old) == 1, text
        file.write_text(text.replace(old, new))

    def mlops(self, *words: str, cwd: Path | None = None, **changed: str) -> Ended:
        """Call the command in a fresh process."""
        return self._fresh(["mlops", *words], cwd, changed)

    def run(self, *words: str, target: str = "pipe.py", cwd: Path | None = None, **changed: str) -> Ended:
        """``mlops run TARGET ... --json``."""
        return self.mlops("run", target, "--json", *words, cwd=cwd, **changed)

    def plan(self, *words: str, target: str = "pipe.py", cwd: Path | None = None, **changed: str) -> Ended:
        """``mlops plan TARGET ... --json``."""
        return self.mlops("plan", target, "--json", *words, cwd=cwd, **changed)

    def python(self, file: str, *arguments: str, cwd: Path | None = None, **changed: str) -> Ended:
        """``python FILE ...`` in a fresh process."""
        return self._fresh([str(self.root / file), *arguments], cwd, changed)

    def script(self, code: str, **changed: str) -> Ended:
        """Run a script that begins with the usual imports."""
        self.write({"script.py": prelude(code) + "import json\n" + dedent(code)})
        return self.python("script.py", **changed)

    def _fresh(self, program: list[str], cwd: Path | None, changed: dict[str, str]) -> Ended:
        return self._processes.run(program, cwd or self.root, self.environment | changed, self._streams)


@pytest.fixture(scope="session")
def processes() -> Iterator[FreshProcesses]:
    """The server that forks a process for each program."""
    server = FreshProcesses()
    yield server
    server.end()


@pytest.fixture
def make_project(tmp_path: Path, processes: FreshProcesses) -> Callable[[str], Project]:
    """Makes an empty project folder of a name, which has an ``mlops.toml``."""
    streams = tmp_path / "streams"
    streams.mkdir()

    def make(name: str) -> Project:
        root = tmp_path / name
        root.mkdir()
        (root / "mlops.toml").touch()
        return Project(root, streams, processes)

    return make


@pytest.fixture
def project(make_project: Callable[[str], Project]) -> Project:
    """An empty project."""
    return make_project("project")


@pytest.fixture
def command() -> list[str]:
    """The words of the command, for tests that must start and end the process themselves."""
    return list(COMMAND)
