"""References to code: which functions, classes, modules and builtins become parts, and which only names."""

import sys
from collections.abc import Callable, Iterator
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    MethodWrapperType,
    ModuleType,
)
from typing import TYPE_CHECKING, Any

from mlops_core.fingerprints.code import ownership
from mlops_core.fingerprints.code.canonical import canonical_code
from mlops_core.fingerprints.code.node import Edge, Foreign, Place
from mlops_core.fingerprints.code.wrappers import DESCRIPTORS, LRU, WRAPPERS, describe_wrapper

if TYPE_CHECKING:
    from mlops_core.fingerprints.code.walk import Walk

Tagged = tuple[str, tuple[object, ...]]
_CODE = (
    FunctionType, BuiltinFunctionType, MethodWrapperType, ModuleType, CodeType, type, *DESCRIPTORS, *WRAPPERS
)  # fmt: skip


def is_step(value: object) -> bool:
    """Whether the value is a decorated step or pipeline, which counts as its function."""
    return hasattr(type(value), "__mlops_step__") or hasattr(type(value), "__mlops_pipeline__")


def is_code(value: object) -> bool:
    """Whether the value is code or a wrapper around code, rather than data."""
    return isinstance(value, _CODE) or is_step(value) or _is_compiled(value) or _is_wrapper(value)


def _is_compiled(value: object) -> bool:
    return type(value).__name__ in ("cython_function_or_method", "fused_cython_function")


def _is_wrapper(value: object) -> bool:
    """An object of a library's type around a function: a compiler's dispatcher, a retry, a cache."""
    held = getattr(value, "__dict__", None)
    if type(held) is not dict or "__wrapped__" not in held:
        return False
    return ownership.owner_of_class(type(value)) != ownership.OWN


def code_reference(walk: "Walk", value: object) -> Tagged:
    """What stands for ``value``: an edge to a part, a foreign name, or the contents of a wrapper."""
    if is_step(value):
        return _step(walk, value)
    for kind, refer in _TABLE:
        if isinstance(value, kind):
            return refer(walk, value)
    if isinstance(value, LRU):
        walk.memos.append(value)
    if _is_wrapper(value):
        return _library_wrapper(walk, value)
    return describe_wrapper(value) or _builtin(walk, value)


def _library_wrapper(walk: "Walk", value: object) -> Tagged:
    held = sorted(vars(value).items())
    return ("library wrapper", (type(value), *((name, walk.held(item)) for name, item in held)))


def _code(walk: "Walk", value: CodeType) -> Tagged:
    walk.widen("handles a code object as a value")
    return ("code object", (canonical_code(value, True).content,))


def _step(walk: "Walk", step: object) -> Tagged:
    """A step is its function; what ``partial`` bound counts like a partial's arguments."""
    function = getattr(step, "__wrapped__")  # noqa: B009 - steps are known by attribute only
    bound = (getattr(step, "_bound_args", ()), getattr(step, "_bound_kwargs", {}))
    return ("partial", (function, *bound)) if any(bound) else code_reference(walk, function)


def _marked(mark: Edge | Foreign) -> Tagged:
    return ("edge", (mark.place,)) if isinstance(mark, Edge) else ("foreign", (mark.name,))


def _function(walk: "Walk", function: FunctionType) -> Tagged:
    owner = ownership.owner_of_function(function)
    code = function.__code__
    name = f"{function.__globals__.get('__name__')}.{code.co_qualname}"
    if owner == ownership.PRODUCT:
        return ("product", (name,))
    if owner != ownership.OWN and "<locals>" not in code.co_qualname and not hasattr(function, "__wrapped__"):
        return _marked(_library(walk, name, function.__globals__.get("__name__"), owner))
    file = walk.inside(code.co_filename)
    label = f"{file}:{code.co_qualname}" if owner == ownership.OWN else name
    where = Place(label, file, code.co_firstlineno)
    return _marked(walk.edge(id(function), "function", function, where))


def _class(walk: "Walk", subject: type) -> Tagged:
    owner = ownership.owner_of_class(subject)
    name = f"{subject.__module__}.{subject.__qualname__}"
    if owner == ownership.PRODUCT:
        return ("product", (name,))
    if owner != ownership.OWN:
        return _marked(_library(walk, name, subject.__module__, owner))
    return _marked(walk.edge(id(subject), "class", subject, _place_of_class(walk, subject)))


def _place_of_class(walk: "Walk", subject: type) -> Place:
    module = sys.modules.get(str(subject.__module__))
    file = walk.inside(str(getattr(module, "__file__", None) or f"<{subject.__module__}>"))
    lines = [v.__code__.co_firstlineno for v in vars(subject).values() if type(v) is FunctionType]
    line = vars(subject).get("__firstlineno__", min(lines, default=0))
    return Place(f"{file}:{subject.__qualname__}", file, int(line))


def _module(walk: "Walk", module: ModuleType) -> Tagged:
    owner = ownership.owner_of_module(module)
    if owner == ownership.PRODUCT:
        return ("product", (module.__name__,))
    if owner != ownership.OWN:
        return _marked(walk.foreign(module.__name__, module if owner == ownership.DISTRIBUTION else None))
    file = walk.inside(str(getattr(module, "__file__", None) or f"<{module.__name__}>"))
    return _marked(walk.edge(id(module), "module", module, Place(file, file, 0)))


def _library(walk: "Walk", name: str, module: object, owner: str) -> Foreign:
    found = sys.modules.get(str(module))
    return walk.foreign(name, found if owner == ownership.DISTRIBUTION else None)


def _builtin(walk: "Walk", value: object) -> Tagged:
    """C code: its name, the project's own file it was compiled into, and what it is bound to."""
    bound = getattr(value, "__self__", None)
    home = getattr(value, "__objclass__", None)
    module = getattr(value, "__module__", None) or getattr(home, "__module__", None)
    if module is None and bound is not None:
        module = type(bound).__module__
    qualified = getattr(value, "__qualname__", None) or getattr(value, "__name__", "")
    owner = ownership.owner_of_name(module) if isinstance(module, str) else ownership.STANDARD
    if owner == ownership.OWN:
        return ("compiled", (qualified, *_compiled_home(module, home)))
    name = f"{module}.{qualified}"
    if owner == ownership.PRODUCT:
        return ("product", (name,))
    mark = _library(walk, name, module, owner)
    whole = bound is None or isinstance(bound, ModuleType | type)
    return _marked(mark) if whole else ("bound builtin", (mark, bound))


def _compiled_home(module: object, home: object) -> Iterator[object]:
    if isinstance(home, type):
        yield home
    elif isinstance(module, str) and module in sys.modules:
        yield sys.modules[module]


_TABLE: tuple[tuple[type, "Callable[[Walk, Any], Tagged]"], ...] = (
    (FunctionType, _function),
    (type, _class),
    (ModuleType, _module),
    (CodeType, _code),
)
