"""What the names in a function stand for: globals, attributes of modules, builtins, imports inside it."""

import builtins
import os
import sys
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

from mlops_core.fingerprints import names
from mlops_core.fingerprints.code import ownership, reflection
from mlops_core.fingerprints.code.code_objects import is_code
from mlops_core.fingerprints.code.guards import MISSING
from mlops_core.fingerprints.code.imports import Loaded, imported
from mlops_core.fingerprints.code.uses import Uses

if TYPE_CHECKING:
    from mlops_core.fingerprints.code.walk import Walk

_PLAIN = (bool, int, float, str, type(None))
Reference = tuple[object, ...]


def references(walk: "Walk", namespace: dict[str, object], uses: Uses, file: str) -> tuple[Reference, ...]:
    """One entry per name or chain, in the order of use: the path, and what stands for its value."""
    found: list[Reference] = []
    loaded = imported(walk, namespace, uses, file)
    for entry in loaded:
        found += _imported(walk, entry, uses, file)
    for chain in uses.chains:
        found.append(_global(walk, namespace, chain, file))
    return tuple(found)


def _global(walk: "Walk", namespace: dict[str, object], chain: tuple[str, ...], file: str) -> Reference:
    name, *rest = chain
    value = namespace.get(name, MISSING)
    if value is MISSING:
        return _builtin(walk, namespace, name)
    if name.startswith("__") and name.endswith("__"):
        special = _special(name, value, file)
        if special is not None:
            return special
    walk.guards.entry(namespace, name, value)
    if isinstance(value, ModuleType):
        return _chain(walk, value, name, rest)
    return (name, walk.data(namespace, name, value, file))


def _special(name: str, value: object, file: str) -> Reference | None:
    """Names that every module has: as text that a moved checkout leaves alone."""
    if name in ("__name__", "__package__"):
        return (name, names.module_name(value) if isinstance(value, str) else "")
    if name in ("__file__", "__path__", "__cached__"):
        return (name, file)
    return (name,) if name in ("__spec__", "__loader__", "__builtins__") else None


def _builtin(walk: "Walk", namespace: dict[str, object], name: str) -> Reference:
    walk.guards.entry(namespace, name, MISSING)
    value = vars(builtins).get(name, MISSING)
    if value is MISSING:
        return (name, "missing")
    if name in reflection.BUILTINS:
        walk.widen(f"calls {name}()")
    walk.guards.entry(vars(builtins), name, value)
    module = getattr(value, "__module__", None)
    if module in ("builtins", "_io", "_sitebuiltins", None) or not is_code(value):
        return (name, "builtin")
    return (name, value)


def _chain(walk: "Walk", module: ModuleType, path: str, attributes: list[str]) -> Reference:
    """Follow attributes through modules; the chain ends at the first thing that is no module."""
    value: object = module
    owner = module
    for index, attribute in enumerate(attributes):
        owner = value  # type: ignore[assignment]
        path += f".{attribute}"
        value = vars(owner).get(attribute, MISSING)
        if value is MISSING:
            return _absent(walk, owner, path, attributes[index:])
        if ownership.owner_of_module(owner) != ownership.STANDARD or not isinstance(value, ModuleType):
            walk.guards.entry(vars(owner), attribute, value)
        if not isinstance(value, ModuleType):
            return (path, _member(walk, owner, attribute, value))
    return (path, value)


def _absent(walk: "Walk", owner: ModuleType, path: str, rest: list[str]) -> Reference:
    """An attribute that is not there, or that a library makes when it is first asked for (``np.random``): the
    reference must come out as it will once the library's submodule is loaded."""
    walk.guards.entry(vars(owner), rest[0], MISSING)
    if ownership.owner_of_module(owner) == ownership.OWN:
        return (path, "missing", vars(owner).get("__getattr__"))
    return (".".join([path, *rest[1:]]), _foreign(walk, owner, ".".join(rest)))


def _member(walk: "Walk", owner: ModuleType, attribute: str, value: object) -> object:
    who = ownership.owner_of_module(owner)
    if who == ownership.OWN:
        return walk.data(vars(owner), attribute, value, _file(walk, owner))
    if who == ownership.PRODUCT:
        return value if is_code(value) else "product"
    mark = _foreign(walk, owner, attribute)
    if _is_patched(value):
        return (mark, value)
    if owner is sys and attribute == "argv":
        return (mark, walk.data(vars(owner), attribute, value, "sys"))
    # Other data of libraries goes by name: os.environ in a key would make every run a new one.
    if who == ownership.DISTRIBUTION and type(value) in _PLAIN and not _is_place(attribute, value):
        return (mark, value)
    return mark


def _foreign(walk: "Walk", owner: ModuleType, attribute: str) -> object:
    distribution = ownership.owner_of_module(owner) == ownership.DISTRIBUTION
    return walk.foreign(f"{owner.__name__}.{attribute}", owner if distribution else None)


def _is_patched(value: object) -> bool:
    """Whether first-party code put itself in the place of a library's function or class."""
    if isinstance(value, FunctionType):
        wrapped = getattr(value, "__wrapped__", None)
        return ownership.owner_of_function(value) == ownership.OWN or (
            wrapped is not None and _is_patched(wrapped)
        )
    if hasattr(value, "__code__"):  # compiled by Cython: its code object names a file of its own invention
        return ownership.owner_of_name(getattr(value, "__module__", None)) == ownership.OWN
    return isinstance(value, type) and ownership.owner_of_class(value) == ownership.OWN


def _is_place(attribute: str, value: object) -> bool:
    return attribute.startswith("__") or (isinstance(value, str) and os.sep in value)


def _file(walk: "Walk", module: ModuleType) -> str:
    return walk.inside(str(getattr(module, "__file__", None) or f"<{module.__name__}>"))


def _imported(walk: "Walk", entry: Loaded, uses: Uses, file: str) -> list[Reference]:
    """References of one binding made by an import inside the function."""
    if entry.module is None:
        return _unloaded(walk, entry, uses)
    if not isinstance(entry.value, ModuleType):
        walk.guards.entry(vars(entry.module), entry.attribute, entry.value)
        return [(entry.name, _member(walk, entry.module, entry.attribute, entry.value))]
    chains = [c for c in uses.local_chains if c[0] == entry.variable]
    if not chains:
        return [(entry.name, entry.value)]
    return [_chain(walk, entry.value, entry.name, list(c[1:])) for c in chains]


def _unloaded(walk: "Walk", entry: Loaded, uses: Uses) -> list[Reference]:
    """A library that is not imported for this: names only."""
    found: list[Reference] = [(entry.name, entry.mark)]
    for chain in uses.local_chains:
        if chain[0] == entry.variable and len(chain) > 1:
            found.append((walk.foreign(f"{entry.name}.{'.'.join(chain[1:])}"),))
    return found
