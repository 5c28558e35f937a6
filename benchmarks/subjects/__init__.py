"""One module per subject: ``measure(scale, folder)`` gives its groups; ``folder`` is an empty one."""

from importlib import import_module
from pathlib import Path
from typing import Protocol

from benchmarks.results import Group
from benchmarks.scale import Scale

NAMES = (
    "small_calls",
    "big_result",
    "importing",
    "decorating",
    "help_text",
    "nothing_to_do",
    "first_run",
    "array_calls",
    "fingerprints",
    "storing",
    "versions",
    "trees",
    "many_steps",
    "many_files",
    "large_values",
    "cores",
)


class Measure(Protocol):
    """What every subject module calls ``measure``."""

    def __call__(self, scale: Scale, folder: Path) -> list[Group]:
        """Measure the subject."""


def subject(name: str) -> Measure:
    """The function that measures a subject. Raises KeyError for an unknown name."""
    if name not in NAMES:
        raise KeyError(name)
    measure: Measure = import_module(f"{__name__}.{name}").measure
    return measure
