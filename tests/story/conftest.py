"""Projects made of a copy of an example, driven like a user does: through the installed command."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import mlops_core

EXAMPLES = Path(__file__).parents[2] / "examples"
_OURS = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "MLOPS_STATE_DIR", "MLOPS_CACHE")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in _OURS} | {
    "PYTHONPATH": str(Path(mlops_core.__file__).parents[1]),
    "PYTHONDONTWRITEBYTECODE": "1",  # an edit within one second must not run the bytecode from before it
    "PYTHONUTF8": "1",
}


def command() -> list[str]:
    """The command that came with the installation; without one, the module."""
    installed = Path(sys.executable).with_name("mlops")
    return [str(installed)] if installed.exists() else [sys.executable, "-m", "mlops_core"]


@dataclass
class Told:
    """What ``--json`` said of the steps of a run, of a plan or of ``why``."""

    document: dict[str, Any]

    @property
    def statuses(self) -> dict[str, str]:
        """Steps in order, each with its status, or its verdict in a plan."""
        return {s["name"]: s.get("status") or s["verdict"] for s in self.document["steps"]}

    @property
    def ran(self) -> set[str]:
        """The steps that were executed."""
        return {name for name, status in self.statuses.items() if status == "ran"}

    @property
    def outputs(self) -> Any:
        return self.document["outputs"]

    @property
    def said(self) -> dict[str, str]:
        """The reason of each step."""
        return {step["name"]: step["reason"] for step in self.document["steps"]}

    def reasons(self, name: str) -> list[dict[str, Any]]:
        """The reasons of one step as objects."""
        found: list[dict[str, Any]] = next(s["reasons"] for s in self.document["steps"] if s["name"] == name)
        return found


class Project:
    """A folder with a copy of an example."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace a text that the file has once."""
        text = (self.root / file).read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        (self.root / file).write_text(text.replace(old, new))

    def call(self, words: list[str]) -> str:
        """Run a program, which must succeed; what it printed."""
        ended = subprocess.run(
            words, cwd=self.root, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=240, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def mlops(self, *words: str) -> str:
        """What a command prints."""
        return self.call([*command(), *words])

    def told(self, *words: str) -> Told:
        """What a command says as JSON."""
        return Told(json.loads(self.mlops(*words, "--json")))

    def python(self, file: str) -> str:
        """What a script prints."""
        return self.call([sys.executable, file])

    def copied(self, root: Path) -> "Project":
        """The whole folder, its state included, somewhere else."""
        shutil.copytree(self.root, root)
        return Project(root)


@pytest.fixture(scope="session")
def make_project(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Project]:
    """Makes a project of a copy of some example files."""

    def make(*files: str) -> Project:
        root = tmp_path_factory.mktemp("project")
        (root / "mlops.toml").touch()
        for file in files:
            shutil.copy(EXAMPLES / file, root / file)
        return Project(root)

    return make


@pytest.fixture(scope="session")
def first_run(make_project: Callable[..., Project]) -> tuple[Project, Told]:
    """The digits example after its first run, and what that run said. Tests work on copies."""
    project = make_project("digits.py")
    return project, project.told("run", "digits.py")


@pytest.fixture
def digits(first_run: tuple[Project, Told], tmp_path: Path) -> Project:
    """A copy of the digits example after its first run."""
    return first_run[0].copied(tmp_path / "copy")
