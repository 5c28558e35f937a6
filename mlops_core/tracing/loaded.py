"""The modules of this process, looked through once until another is imported.

A program with a few libraries has thousands of them, and every step asks twice.
"""

import sys
from types import ModuleType
from typing import NamedTuple


class Loaded(NamedTuple):
    """``files`` are those of all modules; ``mark`` tells whether modules came or went since.

    ``below`` holds the project's own modules by its root, once they were asked for.
    """

    mark: tuple[int, str]
    files: frozenset[str]
    modules: tuple[tuple[str, ModuleType], ...]
    below: dict[str, list[ModuleType]]


_loaded = Loaded((0, ""), frozenset(), (), {})


def loaded() -> Loaded:
    """What is imported now."""
    global _loaded
    mark = (len(sys.modules), next(reversed(sys.modules)))
    if mark != _loaded.mark:
        found = [(_file(module), module) for module in list(sys.modules.values())]
        pairs = tuple((file, module) for file, module in found if isinstance(file, str))
        _loaded = Loaded(mark, frozenset(file for file, _ in pairs), pairs, {})
    return _loaded


def _file(module: object) -> object:
    """The module's file, without asking the module: a lazily loaded one would be imported by it."""
    try:
        return object.__getattribute__(module, "__dict__").get("__file__")
    except AttributeError:
        return None


def own_modules(root: str) -> list[ModuleType]:
    """The modules whose file lies below ``root`` (with its closing separator), libraries there left out."""
    now = loaded()
    if root not in now.below:
        now.below[root] = [
            module for file, module in now.modules if file.startswith(root) and "site-packages" not in file
        ]
    return now.below[root]
