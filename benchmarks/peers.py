"""Libraries we compare with; they come with ``pip install ".[bench]"`` and may be missing."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from benchmarks.measure import Act, Contender

NOT_INSTALLED = "not installed"


def is_installed(library: str) -> bool:
    """Whether a peer can be imported."""
    return find_spec(library) is not None


def peer(
    library: str,
    make: Callable[[Any], Act],
    *,
    name: str = "",
    before: Act | None = None,
    goal: float | None = None,
) -> Contender:
    """The contender ``make(module)``; a row that says so where the library is not installed."""
    if not is_installed(library):
        return Contender(name or library, note=NOT_INSTALLED)
    return Contender(name or library, make(import_module(library)), before, goal)
