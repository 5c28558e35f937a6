"""Whole processes as contenders: start-up, imports, command lines."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import mlops_core
from benchmarks.measure import Act, Contender
from benchmarks.peers import NOT_INSTALLED, is_installed

#: What the script that pip writes for the command ``mlops`` does.
MLOPS = "import sys; from mlops_core.cli.entry import main; sys.exit(main())"
_PACKAGE_FOLDER = Path(mlops_core.__file__).resolve().parents[1]


def environment(state: Path | None = None) -> dict[str, str]:
    """That of an ordinary user: bytecode is cached, and mlops_core is the one we measure."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "MLOPS_"))}
    if not _PACKAGE_FOLDER.name.endswith("-packages"):
        kept["PYTHONPATH"] = str(_PACKAGE_FOLDER)
    return kept if state is None else {**kept, "MLOPS_STATE_DIR": str(state)}


def command(arguments: Sequence[str], folder: Path) -> Act:
    """Runs a program in a folder, from its start to its end. Raises CalledProcessError if it fails."""
    env = environment()

    def act() -> None:
        subprocess.run(arguments, cwd=folder, env=env, check=True, capture_output=True)

    return act


def python(*arguments: str, folder: Path) -> Act:
    """Runs this interpreter with these arguments in a folder."""
    return command([sys.executable, *arguments], folder)


def program_of_peer(library: str, *arguments: str, folder: Path, before: Act | None = None) -> Contender:
    """A Python program that uses a peer; a row that says so where the library is not installed."""
    if not is_installed(library):
        return Contender(library, note=NOT_INSTALLED)
    return Contender(library, python(*arguments, folder=folder), before)
