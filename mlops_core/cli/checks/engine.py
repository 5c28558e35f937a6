"""The compiled modules: each must be there, load, and fit this Python."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from mlops_core.cli.checks.check import BROKEN, OK, WARNING, Check
from mlops_core.errors import EngineMissing

_PACKAGE = "mlops_core.engine"
_ADVICE = "pip install --force-reinstall mlops-embedded (building from source needs a C compiler)"


def names() -> list[str]:
    """The compiled modules, told by the stubs that ship beside them; importing nothing."""
    spec = find_spec(_PACKAGE)
    folders = [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]
    return sorted(
        stub.stem for folder in folders for stub in folder.glob("_*.pyi") if stub.stem != "__init__"
    )


def checks(modules: list[str] | None = None) -> list[Check]:
    """One check a module; ``found`` is the file that was loaded, whose name says for which Python."""
    try:
        import_module(_PACKAGE)
    except EngineMissing as error:
        return [Check("engine", BROKEN, error.message, error.hint)]
    found = names() if modules is None else modules
    if not found:
        return [Check("engine", BROKEN, "no compiled module is listed", _ADVICE)]
    return [_check(name) for name in found]


def kernel_checks() -> list[Check]:
    """Which loop hashes long inputs: the best that this processor has, or the one that was asked for."""
    try:
        hashing = import_module(f"{_PACKAGE}._hash")
    except ImportError:
        return []  # said already
    best, used = hashing.kernels()[-1], hashing.kernel()
    text = f"{used}, {hashing.threads()} threads"
    if used == best:
        return [Check("engine kernel", OK, text)]
    return [Check("engine kernel", WARNING, text, f"unset MLOPS_ENGINE_KERNEL: {best} is faster here")]


def _check(name: str) -> Check:
    title = f"engine {name.removeprefix('_')}"
    try:
        module = import_module(f"{_PACKAGE}.{name}")
    except ImportError as error:
        return Check(title, BROKEN, str(error), _ADVICE)
    return Check(title, OK, Path(module.__file__ or "").name)
