"""Whose code is it: the project's own, a distribution's, the standard library's, or the engine's?

Decided by the file the code object came from, never by ``__module__``, which ``functools.wraps`` copies.
"""

import os
import sys
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Final

OWN: Final = "own"
DISTRIBUTION: Final = "distribution"
STANDARD: Final = "standard"
PRODUCT: Final = "product"

_SITE = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")
_LIBRARY = os.path.join(os.path.dirname(os.__file__), "")
_LIBRARIES = (_LIBRARY, os.path.join(os.path.realpath(_LIBRARY), ""))
_PRODUCT = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "")


@cache
def owner_of_path(path: str) -> str:
    """Owner of a source or library file; anything outside libraries is the project's own."""
    if path.startswith(_PRODUCT):
        return PRODUCT
    if any(mark in path for mark in _SITE):
        return DISTRIBUTION
    if path.startswith(_LIBRARIES) or path.startswith("<frozen "):
        return STANDARD
    return OWN


def owner_of_module(module: ModuleType) -> str:
    """Owner of a module: by its file, by its first folder, by the interpreter's own lists."""
    file = getattr(module, "__file__", None)
    if isinstance(file, str):
        return owner_of_path(file)
    name = getattr(module, "__name__", "")
    folder = next(iter(getattr(module, "__path__", ())), None)
    if isinstance(folder, str):
        return owner_of_path(os.path.join(folder, ""))
    top = name.partition(".")[0] if isinstance(name, str) else ""
    if top != "__main__" and (top in sys.builtin_module_names or top in sys.stdlib_module_names):
        return STANDARD
    return OWN


def owner_of_name(name: object) -> str:
    """Owner of the module called ``name``; a name that no loaded module has counts as the project's own."""
    if not isinstance(name, str):
        return OWN
    module = sys.modules.get(name) or sys.modules.get(name.partition(".")[0])
    if module is not None:
        return owner_of_module(module)
    return STANDARD if name.partition(".")[0] in sys.stdlib_module_names else OWN


def owner_of_code(code: CodeType, namespace: dict[str, object]) -> str:
    """Owner of a code object; one without a file (``exec``, generated methods) goes by its namespace."""
    file = code.co_filename
    if file.startswith("<") and not file.startswith("<frozen "):
        return owner_of_name(namespace.get("__name__"))
    return owner_of_path(file)


def owner_of_function(function: FunctionType) -> str:
    """Owner of a plain function."""
    return owner_of_code(function.__code__, function.__globals__)


def owner_of_class(subject: type) -> str:
    """Owner of a class: of its module, or the project if the project wrote one of its methods."""
    owner = owner_of_name(subject.__module__)
    if owner == OWN:
        return OWN
    methods = [v for v in vars(subject).values() if type(v) is FunctionType]
    written = {owner_of_path(m.__code__.co_filename) for m in methods if m.__code__.co_filename[:1] != "<"}
    return OWN if OWN in written and isinstance(subject.__module__, str) else owner
