"""A run in which everything is cached, as a whole process."""

from pathlib import Path

from benchmarks.chains import contenders
from benchmarks.measure import interleaved
from benchmarks.results import Group
from benchmarks.scale import Scale


def measure(scale: Scale, folder: Path) -> list[Group]:
    """One group per length of the chain; the warm-ups fill the caches."""
    return [
        Group(
            f"run with nothing to do, chain of {length} steps, whole process",
            interleaved(contenders(length, folder / str(length), afresh=False), scale.process_rounds),
        )
        for length in scale.chains
    ]
