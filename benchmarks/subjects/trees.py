"""A folder of many small files as an input: unchanged, one file changed, read for the first time."""

import itertools
import os
import sys
from pathlib import Path

from benchmarks.goals import BARE_PYTHON
from benchmarks.measure import Act, Contender, interleaved
from benchmarks.processes import MLOPS, command
from benchmarks.results import Group
from benchmarks.scale import Scale
from benchmarks.small_files import FILE_BYTES, find, make, read, remember
from mlops_core.fingerprints.files import path_digest
from mlops_core.metadata.stat_cache import MappedStatCache

_PROGRAM = """\
from pathlib import Path

from mlops_core import pipeline, step

@step
def folders(tree: Path) -> int:
    return sum(1 for _ in tree.iterdir())

@pipeline
def count(tree: Path = Path("tree")) -> int:
    return folders(tree)
"""


def measure(scale: Scale, folder: Path) -> list[Group]:
    """Four groups, over files of 4 KiB, 100 to a folder."""
    tree = folder / "tree"
    files = make(tree, scale.files)
    state = _state(folder)
    title = f"{len(files):,} files of 4 KiB in {len(list(tree.iterdir())):,} folders"
    found = {
        "unchanged": ("unchanged: digest", interleaved(_unchanged(tree, state), scale.rounds)),
        "command": ("unchanged: whole command", interleaved(_command(folder), scale.process_rounds)),
        "changed": ("one changed: digest", interleaved(_changed(tree, state, files), scale.rounds)),
        "first": ("read for the first time", interleaved(_first(tree), scale.few_rounds)),
    }
    return [Group(f"trees/{key}", f"{title}, {what}", series) for key, (what, series) in found.items()]


def _state(folder: Path) -> Path:
    """The state of a project whose stat cache knows the tree."""
    (folder / "count.py").write_text(_PROGRAM, encoding="utf-8")
    _run(folder)()
    remember(folder / "tree", folder / ".mlops")
    return folder / ".mlops"


def _run(folder: Path) -> Act:
    return command([sys.executable, "-c", MLOPS, "run", "count.py"], folder)


def _unchanged(tree: Path, state: Path) -> list[Contender]:
    return [
        Contender("path_digest", lambda: path_digest(str(tree), MappedStatCache(state))),
        find(tree),
        Contender("os.scandir and stat", lambda: _walk(str(tree))),
        Contender("path_digest without a cache", lambda: path_digest(str(tree))),
    ]


def _command(folder: Path) -> list[Contender]:
    return [
        Contender("mlops run", _run(folder)),
        find(folder / "tree"),
        Contender(BARE_PYTHON, command([sys.executable, "-c", "pass"], folder)),
    ]


def _changed(tree: Path, state: Path, files: list[Path]) -> list[Contender]:
    def digest() -> None:
        path_digest(str(tree), MappedStatCache(state))

    return [Contender("path_digest", digest, _changer(files)), find(tree)]


def _changer(files: list[Path]) -> Act:
    chosen = itertools.cycle(files[:: max(1, len(files) // 10)])
    return lambda: next(chosen).write_bytes(os.urandom(FILE_BYTES))


def _first(tree: Path) -> list[Contender]:
    return [
        Contender("path_digest", lambda: path_digest(str(tree))),
        read(tree),
        Contender("os.scandir, open and read", lambda: _walk(str(tree), read_too=True)),
    ]


def _walk(top: str, *, read_too: bool = False) -> None:
    """Look at every file, or read it, with the quickest means that Python has."""
    pending = [top]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                elif read_too:
                    with open(entry.path, "rb", buffering=0) as file:
                        file.read()
                else:
                    entry.stat(follow_symlinks=False)
