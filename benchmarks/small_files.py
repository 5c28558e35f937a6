"""Folders of many small files, and what others take to look at them or to read them."""

import os
import time
from pathlib import Path

from benchmarks.goals import FIND, READ_FILES
from benchmarks.measure import Contender
from benchmarks.processes import command
from mlops_core.clock import Clock
from mlops_core.fingerprints.files import path_digest
from mlops_core.metadata.stat_cache import MappedStatCache

FILE_BYTES = 4096
_IN_ONE_FOLDER = 100


class _Later(Clock):
    """Lets the files be old enough to be remembered without waiting a minute for it."""

    def now(self) -> float:
        return time.time() + 3600


def make(tree: Path, count: int) -> list[Path]:
    """So many files of 4 KiB, 100 to a folder."""
    files = [tree / f"{n // _IN_ONE_FOLDER:05}" / f"{n:07}.bin" for n in range(count)]
    for file in files:
        if not file.parent.exists():
            file.parent.mkdir(parents=True)
        file.write_bytes(os.urandom(FILE_BYTES))
    return files


def remember(tree: Path, state: Path) -> None:
    """Let the stat cache of a state folder know the tree, as after a run a minute later."""
    cache = MappedStatCache(state)
    path_digest(str(tree), cache, _Later())
    cache.flush()


def find(tree: Path) -> Contender:
    """Looks at every file."""
    return Contender(FIND, command(["find", str(tree), "-printf", r"%p %s %T@ %C@ %i\n"], tree))


def read(tree: Path) -> Contender:
    """Reads every file."""
    listed = f"find '{tree}' -type f -print0 | xargs -0 cat > /dev/null"
    return Contender(READ_FILES, command(["sh", "-c", listed], tree))
