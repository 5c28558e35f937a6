"""A program that imports ``step`` and ``pipeline`` and decorates two functions, as a whole process."""

from pathlib import Path

from benchmarks.goals import BARE_PYTHON
from benchmarks.measure import Contender, interleaved
from benchmarks.processes import program_of_peer, python
from benchmarks.results import Group
from benchmarks.scale import Scale

_OURS = """\
from mlops_core import pipeline, step

@step
def add(x: int, y: int) -> int:
    return x + y

@pipeline
def sums(n: int = 3) -> int:
    return add(n, 1)
"""
_JOBLIB = """\
from joblib import Memory

@Memory("cache", verbose=0).cache
def add(x: int, y: int) -> int:
    return x + y
"""


def measure(scale: Scale, folder: Path) -> list[Group]:
    """One group; the programs are modules, as anywhere else: their own bytecode is cached, too."""
    contenders = [
        Contender("step and pipeline", python("-c", _written("ours", _OURS, folder), folder=folder)),
        Contender(BARE_PYTHON, python("-c", "pass", folder=folder)),
        program_of_peer("joblib", "-c", _written("theirs", _JOBLIB, folder), folder=folder),
    ]
    found = interleaved(contenders, scale.process_rounds)
    return [Group("decorating", "decorate two functions, whole process", found)]


def _written(name: str, text: str, folder: Path) -> str:
    (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return f"import {name}"
