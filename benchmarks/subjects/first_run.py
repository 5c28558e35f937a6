"""The first run of a chain of trivial steps, as a whole process that finds no cache."""

from pathlib import Path

from benchmarks.chains import contenders
from benchmarks.measure import interleaved
from benchmarks.results import Group
from benchmarks.scale import Scale


def measure(scale: Scale, folder: Path) -> list[Group]:
    """One group; the cache is dropped before each sample."""
    length = scale.first_chain
    timings = interleaved(contenders(length, folder, afresh=True), scale.rounds)
    return [Group(f"first run, chain of {length} steps, whole process", timings)]
