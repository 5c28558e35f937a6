"""The first run of a chain of trivial steps, as a whole process that finds no cache."""

from pathlib import Path

from benchmarks.chains import contenders
from benchmarks.measure import interleaved, per_piece
from benchmarks.results import Group
from benchmarks.scale import Scale


def measure(scale: Scale, folder: Path) -> list[Group]:
    """One group; the cache is dropped before each sample."""
    length = scale.long_chain
    found = interleaved(contenders(length, folder, afresh=True), scale.few_rounds, warm_ups=1)
    title = f"first run, chain of {length:,} steps, whole process: time per step"
    return [Group("first_run", title, per_piece(found, length))]
