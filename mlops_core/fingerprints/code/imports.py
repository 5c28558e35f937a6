"""Imports inside a function: first-party modules are resolved, libraries are only pinned, never imported."""

import importlib
import importlib.util
import os
import sys
from functools import cache
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, NamedTuple

from mlops_core.fingerprints.code import ownership
from mlops_core.fingerprints.code.guards import MISSING
from mlops_core.fingerprints.code.uses import FIRST, LAST, Import, Uses

if TYPE_CHECKING:
    from mlops_core.fingerprints.code.walk import Walk


class Loaded(NamedTuple):
    """One variable bound by an import: its full name; the module and the value, or a mark for a library."""

    name: str
    variable: str | None
    module: ModuleType | None
    attribute: str
    value: object
    mark: object


class _Found(NamedTuple):
    owner: str
    path: str


def imported(walk: "Walk", namespace: dict[str, object], uses: Uses, file: str) -> list[Loaded]:
    """Resolve the import statements of a function, in their order."""
    entries: list[Loaded] = []
    for statement in uses.imports:
        name = _absolute(statement, namespace)
        found = _find(name)
        if found is None:
            entries.append(Loaded(name, None, None, "", None, "missing"))
        elif found.owner == ownership.OWN:
            entries += _own(walk, statement, name)
        else:
            entries += _library(walk, statement, name, found)
    return entries


def _absolute(statement: Import, namespace: dict[str, object]) -> str:
    if not statement.level:
        return statement.module
    package = namespace.get("__package__")
    if not isinstance(package, str):
        package = str(namespace.get("__name__", ""))
        package = package if "__path__" in namespace else package.rpartition(".")[0]
    base = package.rsplit(".", statement.level - 1)[0] if statement.level > 1 else package
    return f"{base}.{statement.module}" if statement.module else base


def _find(name: str) -> _Found | None:
    """Owner and place of the top-level package of ``name``; found without importing it."""
    top = name.partition(".")[0]
    module = sys.modules.get(top)
    if module is not None:
        path = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), "")
        return _Found(ownership.owner_of_module(module), str(path))
    return _search(top, tuple(sys.path))


@cache
def _search(top: str, search_path: tuple[str, ...]) -> _Found | None:
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    if spec.origin in ("built-in", "frozen"):
        return _Found(ownership.STANDARD, "")
    path = spec.origin or os.path.join(next(iter(spec.submodule_search_locations or ()), ""), "")
    return _Found(ownership.owner_of_path(path), path)


def _own(walk: "Walk", statement: Import, name: str) -> list[Loaded]:
    try:
        module = importlib.import_module(name)
    except ImportError:
        return [Loaded(name, None, None, "", None, "missing")]
    except Exception as error:
        walk.widen(f"imports {name}, which fails with {type(error).__name__}")
        return [Loaded(name, None, None, "", None, "failing")]
    entries = []
    for attribute, variable in statement.bindings or [(LAST, None)]:
        if attribute in (FIRST, LAST):
            target = sys.modules[name.partition(".")[0]] if attribute == FIRST else module
            entries.append(Loaded(target.__name__, variable, target, "", target, None))
        else:
            value = _attribute(module, name, attribute)
            mark = "missing" if value is MISSING else None
            home = None if value is MISSING else module
            entries.append(Loaded(f"{name}.{attribute}", variable, home, attribute, value, mark))
    return entries


def _attribute(module: ModuleType, name: str, attribute: str) -> object:
    value = getattr(module, attribute, MISSING)
    if value is not MISSING:
        return value
    try:
        return importlib.import_module(f"{name}.{attribute}")
    except ImportError:
        return MISSING


def _library(walk: "Walk", statement: Import, name: str, found: _Found) -> list[Loaded]:
    """Bindings to a library: by name, with what stands in its place where somebody patched it."""
    path = found.path if found.owner == ownership.DISTRIBUTION else ""
    module = sys.modules.get(name)
    entries = []
    for attribute, variable in statement.bindings or [(LAST, None)]:
        if attribute in (FIRST, LAST):
            full = name.partition(".")[0] if attribute == FIRST else name
        else:
            full = f"{name}.{attribute}"
        patched = _patch(module, attribute)
        mark = (
            (walk.foreign(full, path=path), patched) if patched is not None else walk.foreign(full, path=path)
        )
        entries.append(Loaded(full, variable, None, "", None, mark))
    return entries


def _patch(module: ModuleType | None, attribute: str) -> object:
    """A first-party function that stands in a library's module under this name."""
    value = vars(module).get(attribute) if module is not None else None
    own = isinstance(value, FunctionType) and ownership.owner_of_function(value) == ownership.OWN
    return value if own else None
