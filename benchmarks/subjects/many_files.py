"""How the cost of a folder grows with its files: unchanged, and read for the first time."""

import shutil
from pathlib import Path

from benchmarks.measure import Contender, interleaved, per_piece
from benchmarks.results import Group
from benchmarks.scale import Scale
from benchmarks.small_files import find, make, read, remember
from mlops_core.fingerprints.files import path_digest
from mlops_core.metadata.stat_cache import MappedStatCache


def measure(scale: Scale, folder: Path) -> list[Group]:
    """Two groups per number of files, as time per file."""
    return [group for count in scale.many_files for group in _groups(count, folder / str(count), scale)]


def _groups(count: int, folder: Path, scale: Scale) -> list[Group]:
    tree, state = folder / "tree", folder / "state"
    (state / "locks").mkdir(parents=True)
    make(tree, count)
    remember(tree, state)
    unchanged = [Contender("path_digest", lambda: path_digest(str(tree), MappedStatCache(state))), find(tree)]
    first = [Contender("path_digest", lambda: path_digest(str(tree))), read(tree)]
    groups = [
        Group(
            f"many_files/{key}/{count}",
            f"{count:,} files of 4 KiB, {what}: time per file",
            per_piece(interleaved(contenders, scale.few_rounds, warm_ups=1), count),
        )
        for key, what, contenders in (("again", "unchanged", unchanged), ("first", "first time", first))
    ]
    shutil.rmtree(folder)
    return groups
