"""What a second core gives: the same work in processes that may use one core, and all of them."""

import os
from dataclasses import replace
from pathlib import Path

from benchmarks.measure import Series
from benchmarks.results import Group
from benchmarks.scale import Scale
from benchmarks.subject_process import measured

_SUBJECTS = ("large_values", "many_files")


def measure(scale: Scale, folder: Path) -> list[Group]:
    """One group per job, the largest of its kind; our time with one core beside that with all of them."""
    smaller = replace(scale, value_bytes=scale.value_bytes[-1:], many_files=scale.many_files[-1:])
    everything = sorted(os.sched_getaffinity(0))
    alone = _by_key(smaller, everything[:1])
    together = _by_key(smaller, everything)
    return [_side_by_side(together[key], group, len(everything)) for key, group in alone.items()]


def _by_key(scale: Scale, cores: list[int]) -> dict[str, Group]:
    return {group.key: group for name in _SUBJECTS for group in measured(name, scale, cores)}


def _side_by_side(together: Group, alone: Group, count: int) -> Group:
    key = together.key.rpartition("/")[0]
    series = [
        _renamed(together.ours, f"{count} cores"),
        _renamed(alone.ours, "1 core"),
        *(_renamed(other, f"{other.name}, 1 core") for other in alone.series[1:]),
    ]
    return Group(f"cores/{key}", together.title, series)


def _renamed(series: Series, name: str) -> Series:
    return replace(series, name=name)
