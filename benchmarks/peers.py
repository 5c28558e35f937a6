"""What we compare with: libraries of ``pip install ".[bench]"`` and programs, any of which may be missing."""

import shutil
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.measure import Act, Contender

NOT_INSTALLED = "not installed"


def is_installed(library: str) -> bool:
    """Whether a peer can be imported."""
    return find_spec(library) is not None


def program(name: str) -> str | None:
    """Where a program is: on the path, or beside this interpreter, where pip puts it."""
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


def peer(library: str, make: Callable[[Any], Act], *, name: str = "", before: Act | None = None) -> Contender:
    """The contender ``make(module)``; a row that says so where the library is not installed."""
    if not is_installed(library):
        return Contender(name or library, note=NOT_INSTALLED)
    return Contender(name or library, make(import_module(library)), before)
