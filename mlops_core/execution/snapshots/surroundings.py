"""What decides which code a target means: where the project begins, and what imports find."""

import os
import sys
from collections.abc import Iterator

from mlops_core.config.project import PYPROJECT, SETTINGS_FILE, STATE_FOLDER
from mlops_core.execution.snapshots.reach import own_modules
from mlops_core.fingerprints.code.ownership import STANDARD, owner_of_path

Look = tuple[str, str]  # kind of an observation, absolute path


def of_project(target: str, root: str) -> Iterator[Look]:
    """What the search for the project looks at, from the target, the current folder and the root up."""
    for folder in _upwards([os.path.dirname(os.path.abspath(target)), os.getcwd(), root]):
        yield "file", os.path.join(folder, SETTINGS_FILE)
        yield "file", os.path.join(folder, PYPROJECT)
        yield "probe", os.path.join(folder, STATE_FOLDER)
        yield "probe", os.path.join(folder, ".git")


def _upwards(folders: list[str]) -> Iterator[str]:
    seen: set[str] = set()
    for start in map(os.path.realpath, folders):
        folder = start
        while folder not in seen:
            seen.add(folder)
            yield folder
            folder = os.path.dirname(folder)


def of_imports() -> Iterator[Look]:
    """The folders that imports look into, the standard library's left out: a new file may shadow another."""
    folders = [os.path.abspath(entry) for entry in sys.path]
    for module in own_modules():
        folders += [os.path.abspath(place) for place in getattr(module, "__path__", ())]
    for folder in dict.fromkeys(folders):
        if owner_of_path(os.path.join(folder, "")) != STANDARD:
            yield ("file" if os.path.isfile(folder) else "imports"), folder


def own_files() -> Iterator[str]:
    """The files of the project's modules that are imported now."""
    for module in own_modules():
        file = getattr(module, "__file__", None)
        if isinstance(file, str):
            yield os.path.abspath(file)
