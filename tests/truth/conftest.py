"""Scenarios of edits as data, and projects that carry them out (README.md tells the format)."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import mlops_core

HERE = Path(__file__).parent
EDIT = re.compile("«([^»]*?)→([^»]*)»")
SECTION = re.compile(r"^--- (\S+)(?: -> (\S+))?(?: \((before|after)\))?\n", re.MULTILINE)
BEFORE, AFTER = 0, 1
FACES = ("pipeline", "call")
MAIN = """\
import json
from pathlib import Path

from mlops_core import pipeline
{imports}

@pipeline
def flow():
    return {call}

if __name__ == "__main__":
    print(json.dumps({call}, default=list))
"""


def side(text: str, which: int) -> str:
    """The text before or after its edits."""
    return EDIT.sub(lambda edit: edit[which + 1], text)


@dataclass(frozen=True)
class Scenario:
    """A project, an edit of it, and what must happen then."""

    group: str
    name: str
    directives: dict[str, list[str]]
    sections: list[tuple[str, str, str, str]]  # file, "before" or "after" or "", target of a link, text

    def one(self, directive: str, default: str, which: int = BEFORE) -> str:
        """The value of a directive that may stand once."""
        return side(self.directives.get(directive, [default])[0], which)

    def expected(self, directive: str) -> list[str]:
        """The comma-separated parts of ``then`` or ``always``; empty without it."""
        found = self.directives.get(directive)
        return [part.strip() for part in found[0].split(",", 2)] if found else []

    def files(self, which: int) -> dict[str, str]:
        """Contents by path; that of a link begins with ``->``."""
        left_out = "after" if which == BEFORE else "before"
        found = {"mlops.toml": ""}
        for file, only, target, text in self.sections:
            if only != left_out:
                found[file] = f"-> {side(target, which)}" if target else side(text, which)
        if "main.py" not in found:
            words = {"imports": self.one("import", "from steps import *", which)}
            found["main.py"] = MAIN.format(call=self.one("call", "work(3)", which), **words)
        return {file: _with_imports(text) for file, text in found.items()}

    def environment(self, which: int) -> dict[str, str]:
        pairs = [side(text, which).partition("=") for text in self.directives.get("env", [])]
        return {name: value for name, _, value in pairs}


def _with_imports(text: str) -> str:
    return f"from mlops_core import step\n{text}" if re.search(r"\bstep\(|@step\b", text) else text


def read_scenarios(file: Path) -> list[Scenario]:
    """The scenarios of one file."""
    parts = re.split(r"^=== ", file.read_text(), flags=re.MULTILINE)[1:]
    return [_scenario(file.stem, part) for part in parts]


def _scenario(group: str, text: str) -> Scenario:
    head, *rest = SECTION.split(text)
    name, _, *lines = head.splitlines()
    directives: dict[str, list[str]] = {}
    for line in filter(None, lines):
        key, _, value = line.partition(": ")
        directives.setdefault(key, []).append(value)
    sections = [(rest[i], rest[i + 2] or "", rest[i + 1] or "", rest[i + 3]) for i in range(0, len(rest), 4)]
    return Scenario(group, name, directives, sections)


SCENARIOS = [scenario for file in sorted(HERE.glob("scenarios/*.txt")) for scenario in read_scenarios(file)]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--matrix", choices=("quick", "full"), default="quick", help="full: new processes only")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "scenario" in metafunc.fixturenames:
        rows = [(s, face) for s in SCENARIOS for face in FACES if face in s.one("faces", " ".join(FACES))]
        names = [f"{s.group}: {s.name}, {face}" for s, face in rows]
        metafunc.parametrize(("scenario", "face"), rows, ids=names)


# --- carrying them out ----------------------------------------------------------------------------------

_OURS = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "MLOPS_STATE_DIR", "MLOPS_CACHE", "PYTHONHASHSEED")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in _OURS} | {
    "PYTHONDONTWRITEBYTECODE": "1",  # an edit within one second must not run the bytecode from before it
    "PYTHONUTF8": "1",
}
PACKAGE_PARENT = str(Path(mlops_core.__file__).parents[1])


class ForkedProcesses:
    """Programs run by children of a process that has the libraries loaded and no project."""

    def __init__(self, folder: Path) -> None:
        self._streams = {name: str(folder / name) for name in ("out", "err")}
        words = [sys.executable, str(HERE.parent / "contract" / "fresh_processes.py")]
        environment = ENVIRONMENT | {"PYTHONPATH": PACKAGE_PARENT}
        pipe = subprocess.PIPE
        self._server = subprocess.Popen(words, env=environment, stdin=pipe, stdout=pipe, text=True)

    def run(self, program: list[str], cwd: Path, environment: dict[str, str]) -> str:
        """What the program printed; it must succeed."""
        request = {"program": program, "cwd": str(cwd), "environment": environment, **self._streams}
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        status = self._server.stdout.readline()
        assert status.strip() == "0", Path(self._streams["err"]).read_text()
        return Path(self._streams["out"]).read_text()

    def end(self) -> None:
        self._server.communicate()


class NewProcesses:
    """Programs run by interpreters of their own."""

    def run(self, program: list[str], cwd: Path, environment: dict[str, str], options: str = "") -> str:
        """What the program printed; it must succeed."""
        words = ["-m", "mlops_core", *program[1:]] if program[0] == "mlops" else program
        ended = subprocess.run(
            [sys.executable, *options.split(), *words], cwd=cwd, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        return ended.stdout


@dataclass
class Said:
    """What a run reported of one step, and the value that came out of it."""

    status: str
    kinds: list[str]
    reason: str
    value: Any = field(default=None, compare=False)


@dataclass
class Project:
    """A scenario's project on disk."""

    scenario: Scenario
    face: str
    root: Path
    forked: ForkedProcesses | None
    which: int = BEFORE

    def write(self, which: int) -> None:
        """Bring the project into its state before or after the edit."""
        before, after = self.scenario.files(self.which), self.scenario.files(which)
        for name in before:
            if name not in after or "->" in (before[name][:2], after[name][:2]):
                (self.root / name).unlink(missing_ok=True)
        for folder in {(self.root / name).parent for name in before.keys() - after.keys()} - {self.root}:
            if not any(folder.iterdir()):
                folder.rmdir()
        for name, text in after.items():
            self._write(self.root / name, text)
        self._touch(which)
        self.which = which

    def _write(self, path: Path, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if text.startswith("->"):
            path.symlink_to(text[3:])
        elif not path.exists() or path.read_text() != text:
            times = path.stat() if self.scenario.one("keep times", "") and path.exists() else None
            path.write_text(text)
            if times is not None:
                os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    def _touch(self, which: int) -> None:
        for name in self.scenario.directives.get("touch", []):
            os.utime(self.root / name, (1_000_000_000 + which, 1_000_000_000 + which))

    def move(self) -> None:
        """Bring the project to another place, if the scenario says so."""
        name = self.scenario.one("move", "")
        if name:
            moved = self.root.parent.parent / name / self.root.name
            moved.parent.mkdir()
            self.root.rename(moved)
            self.root = moved

    def said(self) -> Said:
        """Run once; what it reported of the step."""
        if self.face == "pipeline":
            document = json.loads(self._run("mlops", "run", f"{self.root / 'main.py'}:flow", "--json"))
            return self._of(document, document["outputs"].get("output"))
        value = json.loads(self.printed("main.py"))
        return self._of(self.shown("latest"), value)

    def _of(self, document: dict[str, Any], value: Any) -> Said:
        name = self.scenario.one("step", "work", self.which)
        (step,) = [s for s in document["steps"] if s["name"] == name]
        return Said(step["status"], [r["kind"] for r in step["reasons"]], step["reason"], value)

    def plain(self) -> Any:
        """What the functions give without any cache."""
        return json.loads(self._run(str(self.root / "main.py"), MLOPS_CACHE="off").splitlines()[-1])

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text of a file."""
        text = (self.root / file).read_text()
        assert old in text
        (self.root / file).write_text(text.replace(old, new))

    def shown(self, run: str) -> Any:
        """A recorded run as JSON."""
        return json.loads(self._run("mlops", "runs", "show", run, "--json"))

    def printed(self, file: str) -> str:
        """The last line that a program of the project prints."""
        words = self.scenario.one("arguments", "", self.which).split()
        return self._run(str(self.root / file), *words).splitlines()[-1]

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of the project's processes."""
        search_path = [PACKAGE_PARENT, str(self.root / "packages" / "site-packages")]
        kept = {"PYTHONPATH": os.pathsep.join(search_path), "TMPDIR": str(self.root.parent)}
        return ENVIRONMENT | self.scenario.environment(self.which) | kept | more

    def _run(self, *program: str, **more: str) -> str:
        environment = self.environment(**more)
        folder = self.root / self.scenario.one("folder", ".", self.which)
        options = self.scenario.one("python", "", self.which)
        if self.forked is None or self.scenario.one("fresh", "") == "yes":
            return NewProcesses().run(list(program), folder, environment, options)
        return self.forked.run(list(program), folder, environment)


@pytest.fixture(scope="session")
def forked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The server of forked processes, or None where all shall be new."""
    if request.config.getoption("--matrix", default="quick") == "full":
        yield None
        return
    server = ForkedProcesses(tmp_path_factory.mktemp("streams"))
    yield server
    server.end()


@pytest.fixture
def make_project(tmp_path: Path, forked: ForkedProcesses | None) -> Callable[[Scenario, str], Project]:
    """Writes the project of a scenario, in its state before the edit."""

    def make(scenario: Scenario, face: str) -> Project:
        root = tmp_path / "first" / "project"
        root.mkdir(parents=True)
        project = Project(scenario, face, root, forked)
        project.write(BEFORE)
        return project

    return make


@pytest.fixture
def written(make_project: Callable[[Scenario, str], Project]) -> Callable[[dict[str, str], str], Project]:
    """Writes a project of some files."""

    def make(files: dict[str, str], face: str) -> Project:
        sections = [(file, "", "", dedent(text)) for file, text in files.items()]
        return make_project(Scenario("", "", {}, sections), face)

    return make
