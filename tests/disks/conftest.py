"""Real small disks: file systems mounted for one scenario, in a namespace that goes with its process."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import mlops_core

PACKAGE_PARENT = str(Path(mlops_core.__file__).parents[1])
MLOPS = [sys.executable, "-m", "mlops_core"]
_OURS = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "MLOPS_STATE_DIR", "MLOPS_CACHE")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in _OURS} | {
    "PYTHONPATH": PACKAGE_PARENT,
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
}

# Runs inside the namespace: mount, write the files, run the commands one after another, say what came out.
DRIVER = """
import json, os, subprocess, sys
scenario = json.load(sys.stdin)
subprocess.run(scenario["mount"], check=True, stdout=sys.stderr)
os.chdir(scenario["folder"])
for name, text in scenario["files"].items():
    with open(name, "w") as file:
        file.write(text)
ended = []
for words in scenario["commands"]:
    done = subprocess.run(words, capture_output=True, text=True)
    ended.append([done.returncode, done.stdout, done.stderr])
json.dump(ended, sys.stdout)
"""


@dataclass
class Ended:
    """What came out of one command."""

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
    def steps(self) -> dict[str, str]:
        """Step names of a run and their status."""
        return {step["name"]: step["status"] for step in self.document["steps"]}


class Disks:
    """Carries out scenarios on file systems of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def on(self, mount: list[str], files: dict[str, str], *commands: list[str]) -> list[Ended]:
        """Run commands in a folder that ``mount`` (its last word is left out) makes a file system of.

        Skips the test where users may not mount anything.
        """
        scenario = {
            "mount": [*mount, str(self._folder)],
            "folder": str(self._folder),
            "files": {name: dedent(text) for name, text in files.items()},
            "commands": commands,
        }
        done = subprocess.run(
            ["unshare", "-Urm", sys.executable, "-c", DRIVER],
            input=json.dumps(scenario),
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode != 0 and ("unshare" in done.stderr or "mount" in done.stderr):
            pytest.skip(f"nothing can be mounted here: {done.stderr.strip().splitlines()[-1]}")
        assert done.returncode == 0, done.stderr
        return [Ended(*ended) for ended in json.loads(done.stdout)]

    def small(self, size: str, files: dict[str, str], *commands: list[str]) -> list[Ended]:
        """The same on a tmpfs of a size: a disk that is really full."""
        project = {"mlops.toml": "", **files}
        return self.on(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs"], project, *commands)


@pytest.fixture
def disks(tmp_path: Path) -> Disks:
    """File systems for one scenario each."""
    folder = tmp_path / "disk"
    folder.mkdir()
    return Disks(folder)


@pytest.fixture
def mlops() -> Callable[..., list[str]]:
    """The words of a command."""
    return lambda *words: [*MLOPS, *words]


@pytest.fixture
def run_python(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run words in a folder with our environment."""

    def run(words: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=120
        )

    return run
