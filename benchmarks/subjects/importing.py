"""``import mlops_core`` as a whole process."""

from pathlib import Path

from benchmarks.goals import BARE_PYTHON
from benchmarks.measure import Contender, interleaved
from benchmarks.processes import program_of_peer, python
from benchmarks.results import Group
from benchmarks.scale import Scale


def measure(scale: Scale, folder: Path) -> list[Group]:
    """One group of processes that import one library each."""
    contenders = [
        Contender("import mlops_core", python("-c", "import mlops_core", folder=folder)),
        Contender(BARE_PYTHON, python("-c", "pass", folder=folder)),
        program_of_peer("joblib", "-c", "import joblib", folder=folder),
        program_of_peer("diskcache", "-c", "import diskcache", folder=folder),
    ]
    return [Group("importing", "import, whole process", interleaved(contenders, scale.process_rounds))]
