"""Names of types: for people, and for finding a class again."""

import sys
from importlib import import_module
from types import FunctionType

from mlops_core.errors import SerializerMissing

#: The name under which what is defined in ``__main__`` is stored, so that a worker or ``mlops run`` finds it.
_main_name = "__main__"


def use_main_name(name: str) -> None:
    """From now on store classes and functions of ``__main__`` under this module name."""
    global _main_name
    _main_name = name


def stored_module(module: str) -> str:
    """The module name that is written down for something defined in ``module``."""
    return _main_name if module == "__main__" else module


def loaded_module(module: str) -> str:
    """The other way: the module in this process that a written name stands for."""
    return "__main__" if module == _main_name else module


def display_name(kind: type) -> str:
    """``list``, ``numpy.ndarray``, ``pyarrow.Table``, ``shop.models:Model`` shortened to what people say."""
    module, name = stored_module(kind.__module__), kind.__qualname__
    if module == "builtins":
        return name
    top = module.partition(".")[0]
    public = getattr(sys.modules.get(top), name, None)
    return f"{top if public is kind else module}.{name}"


def class_name(kind: type) -> str:
    """``module:qualname``, by which ``find`` finds the class again."""
    return f"{stored_module(kind.__module__)}:{kind.__qualname__}"


def is_findable(kind: type | FunctionType) -> bool:
    """Whether looking up the class by its name gives the class itself: not so inside functions."""
    found: object = sys.modules.get(kind.__module__)
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is kind


def find(name: str) -> object:
    """What ``module:qualname`` names, imported where needed.

    Raises SerializerMissing where the module is not installed, AttributeError where it has no such thing.
    """
    module, _, qualname = name.partition(":")
    # The event by which a step's use of a stored class is noticed, as unpickling raises it.
    sys.audit("pickle.find_class", module, qualname)
    found: object = _import(loaded_module(module))
    for part in qualname.split("."):
        found = getattr(found, part)
    return found


def _import(module: str) -> object:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise missing_module(module, error) from error


def missing_module(module: str, error: ModuleNotFoundError) -> SerializerMissing:
    """The error for a stored value whose module is not installed."""
    return SerializerMissing(
        f"a stored value needs the module {module}, which cannot be imported: {error}",
        hint=f"install what provides {module.partition('.')[0]}, or run the step again (--force STEP)",
        module=module,
    )


def missing_library(kind: str, library: str) -> SerializerMissing:
    """The error for a stored value of a ``kind`` (an artifact's type) whose library is not installed."""
    return SerializerMissing(
        f"a stored {kind} needs {library}, which is not installed",
        hint=f"pip install {library}",
        module=library,
    )
