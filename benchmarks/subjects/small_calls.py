"""A cached call with small arguments, in a process that has made it before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measure import Act, Contender, interleaved
from benchmarks.peers import peer
from benchmarks.results import Group
from benchmarks.scale import Scale
from mlops_core import step

Function = Callable[..., Any]
_ARGUMENTS = (7, "adult", 0.25)


def number(count: int, group: str, share: float) -> float:
    """A plain result."""
    return count * share + len(group)


def record(count: int, group: str, share: float) -> dict[str, object]:
    """A small container, made anew for each caller."""
    return {"group": group, "sizes": [count, count * share]}


def measure(scale: Scale, folder: Path) -> list[Group]:
    """One group per kind of result."""
    return [
        Group(
            f"small_calls/{function.__name__}",
            f"cached call, small arguments, {what}",
            interleaved(_contenders(function, folder / function.__name__), scale.rounds, scale.least_seconds),
        )
        for function, what in ((number, "a float as result"), (record, "a small dict as result"))
    ]


def _contenders(function: Function, folder: Path) -> list[Contender]:
    return [
        Contender("mlops_core", _called(step(function))),
        peer("joblib", lambda module: _joblib(module, function, folder)),
        peer("diskcache", lambda module: _diskcache(module, function, folder)),
        Contender("the function itself", _called(function)),
    ]


def _called(function: Function) -> Act:
    return lambda: function(*_ARGUMENTS)


def _joblib(module: Any, function: Function, folder: Path) -> Act:
    return _called(module.Memory(folder / "joblib", verbose=0).cache(function))


def _diskcache(module: Any, function: Function, folder: Path) -> Act:
    return _called(module.Cache(str(folder / "diskcache")).memoize()(function))
