"""A cached array of 1 GB as result, of which the first column is summed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.goals import MAPPED
from benchmarks.measure import Act, Contender, interleaved
from benchmarks.peers import peer
from benchmarks.results import Group
from benchmarks.scale import Scale
from mlops_core import step

Array = np.ndarray[Any, np.dtype[np.float64]]
_COLUMNS = 1000


def table(rows: int) -> Array:
    """(rows, 1000) float64."""
    return np.random.default_rng(0).random((rows, _COLUMNS))


def measure(scale: Scale, folder: Path) -> list[Group]:
    """One group: get the array from the cache, sum its first column."""
    rows = max(1, scale.big_bytes // (8 * _COLUMNS))
    file = folder / "table.npy"
    held = table(rows)
    np.save(file, held)
    cached = step(table)
    contenders = [
        Contender("mlops_core", _summed(lambda: cached(rows))),
        peer(
            "joblib",
            lambda joblib: _joblib(joblib, rows, folder, None),
            name="joblib, read into memory",
        ),
        peer("joblib", lambda joblib: _joblib(joblib, rows, folder, "r"), name="joblib, mmap_mode='r'"),
        Contender(MAPPED, _summed(lambda: np.load(file, mmap_mode="r"))),
        Contender("floor: already in memory", _summed(lambda: held)),
    ]
    title = f"cached array of {scale.big_bytes / 1e9:g} GB, first column summed"
    return [Group("big_result", title, interleaved(contenders, scale.rounds))]


def _summed(get: Callable[[], Array]) -> Act:
    return lambda: float(get()[:, 0].sum())


def _joblib(module: Any, rows: int, folder: Path, mmap_mode: str | None) -> Act:
    memory = module.Memory(folder / f"joblib-{mmap_mode}", mmap_mode=mmap_mode, verbose=0)
    cached = memory.cache(table)
    return _summed(lambda: cached(rows))
