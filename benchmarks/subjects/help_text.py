"""``mlops --help`` as a whole process."""

from pathlib import Path

from benchmarks.measure import Contender, interleaved
from benchmarks.processes import MLOPS, python
from benchmarks.results import Group
from benchmarks.scale import Scale

_MOST_OF_IMPORTING_CLICK = 1.5


def measure(scale: Scale, folder: Path) -> list[Group]:
    """One group: our help against the import of the library that prints it."""
    contenders = [
        Contender("mlops --help", python("-c", MLOPS, "--help", folder=folder)),
        Contender("import click", python("-c", "import click", folder=folder), goal=_MOST_OF_IMPORTING_CLICK),
        Contender("bare Python", python("-c", "pass", folder=folder)),
    ]
    return [Group("mlops --help, whole process", interleaved(contenders, scale.process_rounds))]
