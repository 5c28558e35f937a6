"""A cached call with a large array as argument: in memory, and one that came from the store."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.arrays import Array, one_read, random_array
from benchmarks.measure import Act, Contender, interleaved
from benchmarks.peers import peer
from benchmarks.results import Group
from benchmarks.scale import Scale
from mlops_core import step

Cached = Callable[[Array], float]


def total(values: Array) -> float:
    """Something small that is made from the array."""
    return float(values.sum())


def measure(scale: Scale, folder: Path) -> list[Group]:
    """Two groups; every call was made before."""
    held = random_array(scale.argument_bytes)
    stored = step(random_array)(scale.argument_bytes)
    size = f"{scale.argument_bytes / 1e6:g} MB"
    return [
        _group("memory", f"array of {size} as argument", held, scale, folder),
        _group("stored", f"array of {size} as argument, as the store gave it", stored, scale, folder),
    ]


def _group(key: str, what: str, values: Array, scale: Scale, folder: Path) -> Group:
    cached = step(total)
    contenders = [
        Contender("mlops_core", lambda: cached(values)),
        one_read([values]),
        peer("joblib", lambda module: _call(_joblib(module, folder / key), values)),
        peer("diskcache", lambda module: _call(_diskcache(module, folder / key), values)),
    ]
    found = interleaved(contenders, scale.rounds, scale.least_seconds)
    return Group(f"array_calls/{key}", f"cached call, {what}", found)


def _joblib(module: Any, folder: Path) -> Cached:
    cached: Cached = module.Memory(folder / "joblib", verbose=0).cache(total)
    return cached


def _diskcache(module: Any, folder: Path) -> Cached:
    cached: Cached = module.Cache(str(folder / "diskcache")).memoize()(total)
    return cached


def _call(cached: Cached, values: Array) -> Act:
    return lambda: cached(values)
