"""The compiled modules: each must be there, load, and fit this Python."""

from importlib import import_module
from pathlib import Path

import mlops_core.engine
from mlops_core.cli.checks.check import BROKEN, OK, Check

_ADVICE = "pip install --force-reinstall mlops-embedded (building from source needs a C compiler)"


def names() -> list[str]:
    """The compiled modules, told by the stubs that ship beside them."""
    folders = [Path(folder) for folder in mlops_core.engine.__path__]
    return sorted(stub.stem for folder in folders for stub in folder.glob("_*.pyi"))


def checks(modules: list[str] | None = None) -> list[Check]:
    """One check a module; ``found`` is the file that was loaded, whose name says for which Python."""
    found = names() if modules is None else modules
    if not found:
        return [Check("engine", BROKEN, "no compiled module is listed", _ADVICE)]
    return [_check(name) for name in found]


def _check(name: str) -> Check:
    title = f"engine {name.removeprefix('_')}"
    try:
        module = import_module(f"mlops_core.engine.{name}")
    except ImportError as error:
        return Check(title, BROKEN, str(error), _ADVICE)
    return Check(title, OK, Path(module.__file__ or "").name)
