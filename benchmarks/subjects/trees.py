"""A folder of many small files as an input: unchanged, one file changed, read for the first time."""

import itertools
import os
import sys
import time
from pathlib import Path

from benchmarks.measure import Act, Contender, interleaved
from benchmarks.processes import MLOPS, command
from benchmarks.results import Group
from benchmarks.scale import Scale
from mlops_core.clock import Clock
from mlops_core.fingerprints.files import path_digest
from mlops_core.metadata.stat_cache import MappedStatCache

_FILE_BYTES = 4096
_IN_ONE_FOLDER = 100
_MOST_OF_FIND = 1.5
_MOST_OF_READING = 1.5
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


class _Later(Clock):
    """Lets the files be old enough to be remembered without waiting a minute for it."""

    def now(self) -> float:
        return time.time() + 3600


def measure(scale: Scale, folder: Path) -> list[Group]:
    """Four groups, over one file of 4 KiB for every 10 kB of the scale's big value, 100 to a folder."""
    tree = folder / "tree"
    files = _make(tree, max(1, scale.big_bytes // 10_000))
    state = _state(folder)
    title = f"{len(files):,} files of 4 KiB in {len(list(tree.iterdir())):,} folders"
    return [
        Group(f"{title}, unchanged: digest", interleaved(_unchanged(tree, state), scale.rounds)),
        Group(f"{title}, unchanged: whole command", interleaved(_command(folder), scale.process_rounds)),
        Group(f"{title}, one changed: digest", interleaved(_changed(tree, state, files), scale.rounds)),
        Group(f"{title}, read for the first time", interleaved(_first(tree), max(1, scale.rounds // 3))),
    ]


def _make(tree: Path, count: int) -> list[Path]:
    files = [tree / f"{n // _IN_ONE_FOLDER:05}" / f"{n:07}.bin" for n in range(count)]
    for file in files:
        if not file.parent.exists():
            file.parent.mkdir(parents=True)
        file.write_bytes(os.urandom(_FILE_BYTES))
    return files


def _state(folder: Path) -> Path:
    """The state of a project whose stat cache knows the tree, as after a run a minute later."""
    (folder / "count.py").write_text(_PROGRAM, encoding="utf-8")
    _run(folder)()
    state = folder / ".mlops"
    cache = MappedStatCache(state)
    path_digest(str(folder / "tree"), cache, _Later())
    cache.flush()
    return state


def _run(folder: Path) -> Act:
    return command([sys.executable, "-c", MLOPS, "run", "count.py"], folder)


def _find(tree: Path, goal: float | None = None) -> Contender:
    printed = ["find", str(tree), "-printf", r"%p %s %T@ %C@ %i\n"]
    return Contender("find -printf", command(printed, tree), goal=goal)


def _unchanged(tree: Path, state: Path) -> list[Contender]:
    return [
        Contender("path_digest", lambda: path_digest(str(tree), MappedStatCache(state))),
        _find(tree, _MOST_OF_FIND),
        Contender("os.scandir and stat", lambda: _walk(str(tree))),
        Contender("path_digest without a cache", lambda: path_digest(str(tree))),
    ]


def _command(folder: Path) -> list[Contender]:
    return [
        Contender("mlops run", _run(folder)),
        _find(folder / "tree", _MOST_OF_FIND),
        Contender("bare Python", command([sys.executable, "-c", "pass"], folder)),
    ]


def _changed(tree: Path, state: Path, files: list[Path]) -> list[Contender]:
    def digest() -> None:
        path_digest(str(tree), MappedStatCache(state))

    return [Contender("path_digest", digest, _changer(files)), _find(tree, _MOST_OF_FIND)]


def _changer(files: list[Path]) -> Act:
    chosen = itertools.cycle(files[:: max(1, len(files) // 10)])
    return lambda: next(chosen).write_bytes(os.urandom(_FILE_BYTES))


def _first(tree: Path) -> list[Contender]:
    listed = f"find '{tree}' -type f -print0 | xargs -0 cat > /dev/null"
    return [
        Contender("path_digest", lambda: path_digest(str(tree))),
        Contender("find | xargs cat", command(["sh", "-c", listed], tree), goal=_MOST_OF_READING),
        Contender("os.scandir, open and read", lambda: _walk(str(tree), read=True)),
    ]


def _walk(top: str, *, read: bool = False) -> None:
    """Look at every file, or read it, with the quickest means that Python has."""
    pending = [top]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                elif read:
                    with open(entry.path, "rb", buffering=0) as file:
                        file.read()
                else:
                    entry.stat(follow_symlinks=False)
