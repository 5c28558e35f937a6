"""A scenario's project on disk, and the processes that run it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from truth_scenarios import AFTER, BEFORE, Scenario

import mlops_core

_OURS = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "MLOPS_STATE_DIR", "MLOPS_CACHE", "PYTHONHASHSEED")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in _OURS} | {
    "PYTHONDONTWRITEBYTECODE": "1",  # an edit within one second must not run the bytecode from before it
    "PYTHONUTF8": "1",
}
PACKAGE_PARENT = str(Path(mlops_core.__file__).parents[1])


class ForkedProcesses:
    """Programs run by children of a process that has the libraries loaded and no project."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._streams = {name: str(folder / name) for name in ("out", "err")}
        words = [sys.executable, str(Path(__file__).parents[1] / "contract" / "fresh_processes.py")]
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
        return json.loads(self.printed("main.py", MLOPS_CACHE="off"))

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text of a file."""
        text = (self.root / file).read_text()
        assert old in text
        (self.root / file).write_text(text.replace(old, new))

    def ran(self, *options: str) -> set[str]:
        """The steps that a run of the pipeline executed."""
        document = json.loads(self._run("mlops", "run", "main.py:flow", "--json", *options))
        return {step["name"] for step in document["steps"] if step["status"] == "ran"}

    def shown(self, run: str) -> Any:
        """A recorded run as JSON."""
        return json.loads(self._run("mlops", "runs", "show", run, "--json"))

    def printed(self, file: str, **more: str) -> str:
        """The last line that a program of the project prints."""
        words = self.scenario.one("arguments", "", self.which).split()
        return self._run(str(self.root / file), *words, **more).splitlines()[-1]

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


@dataclass
class Carried:
    """What a scenario's project said: at first, again, when edited, again, and with the edit taken back."""

    first: Said
    again: Said
    edited: Said
    plain: Any
    edited_again: Said
    back: Said | None


def carry_out(project: Project, full: bool) -> Carried:
    """Carry a scenario out, phase by phase."""
    first, again = project.said(), project.said()
    project.write(AFTER)
    project.move()
    edited = project.said()
    edited_again = project.said() if full or edited.status == "ran" else edited
    plain = project.plain() if project.face == "call" else edited.value
    project.write(BEFORE)
    return Carried(first, again, edited, plain, edited_again, project.said() if full else None)
