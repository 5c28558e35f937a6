"""``mlops --help`` as a whole process."""

from pathlib import Path

from benchmarks.goals import BARE_PYTHON, CLICK
from benchmarks.measure import Contender, interleaved
from benchmarks.processes import MLOPS, python
from benchmarks.results import Group
from benchmarks.scale import Scale


def measure(scale: Scale, folder: Path) -> list[Group]:
    """One group: our help against the import of the library that prints it."""
    contenders = [
        Contender("mlops --help", python("-c", MLOPS, "--help", folder=folder)),
        Contender(CLICK, python("-c", "import click", folder=folder)),
        Contender(BARE_PYTHON, python("-c", "pass", folder=folder)),
    ]
    found = interleaved(contenders, scale.process_rounds)
    return [Group("help_text", "mlops --help, whole process", found)]
