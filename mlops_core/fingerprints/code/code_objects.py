"""References to code: which functions, classes, modules and builtins become parts, and which only names."""

import functools
from collections.abc import Iterator
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING

from mlops_core.fingerprints.code import ownership
from mlops_core.fingerprints.code.canonical import canonical_code
from mlops_core.fingerprints.code.node import Edge, Foreign

if TYPE_CHECKING:
    from mlops_core.fingerprints.code.walk import Walk

Tagged = tuple[str, tuple[object, ...]]
_LRU = type(functools.lru_cache(len))
_DESCRIPTORS = (
    MethodDescriptorType,
    WrapperDescriptorType,
    ClassMethodDescriptorType,
    GetSetDescriptorType,
    MemberDescriptorType,
)
_CODE = (
    FunctionType, BuiltinFunctionType, MethodType, MethodWrapperType, ModuleType, CodeType, type, _LRU,
    functools.partial, functools.partialmethod, functools.cached_property, functools.singledispatchmethod,
    staticmethod, classmethod, property, *_DESCRIPTORS,
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
    if not hasattr(value, "__wrapped__"):
        return False
    return ownership.owner_of_class(type(value)) != ownership.OWN


def code_reference(walk: "Walk", value: object) -> Tagged:
    """What stands for ``value``: an edge to a part, the name of something foreign, or a wrapper's contents."""
    if is_step(value):
        return _step(walk, value)
    if type(value) is FunctionType:
        return _function(walk, value)
    if isinstance(value, type):
        return _class(walk, value)
    if isinstance(value, ModuleType):
        return _module(walk, value)
    wrapped = _wrapper(value)
    if wrapped is not None:
        return wrapped
    if type(value) is CodeType:
        walk.widen("handles a code object as a value")
        return ("code object", (canonical_code(value, True).content,))
    return _builtin(walk, value)


def _step(walk: "Walk", step: object) -> Tagged:
    """A step is its function; what ``partial`` bound counts like a partial's arguments."""
    function = getattr(step, "__wrapped__")  # noqa: B009 - steps are known by attribute only
    bound = (getattr(step, "_bound_args", ()), getattr(step, "_bound_kwargs", {}))
    return ("partial", (function, *bound)) if any(bound) else code_reference(walk, function)


def _marked(mark: Edge | Foreign) -> Tagged:
    return ("edge", (mark.place,)) if type(mark) is Edge else ("foreign", (mark.name,))  # type: ignore[union-attr]


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
    where = (label, file, code.co_firstlineno)
    return _marked(walk.edge(id(function), "function", function, where))


def _class(walk: "Walk", subject: type) -> Tagged:
    owner = ownership.owner_of_class(subject)
    name = f"{subject.__module__}.{subject.__qualname__}"
    if owner == ownership.PRODUCT:
        return ("product", (name,))
    if owner != ownership.OWN:
        return _marked(_library(walk, name, subject.__module__, owner))
    file, line = _place_of_class(walk, subject)
    return _marked(walk.edge(id(subject), "class", subject, (f"{file}:{subject.__qualname__}", file, line)))


def _place_of_class(walk: "Walk", subject: type) -> tuple[str, int]:
    import sys

    module = sys.modules.get(str(subject.__module__))
    file = getattr(module, "__file__", None) or f"<{subject.__module__}>"
    lines = [v.__code__.co_firstlineno for v in vars(subject).values() if type(v) is FunctionType]
    return walk.inside(str(file)), int(vars(subject).get("__firstlineno__", min(lines, default=0)))


def _module(walk: "Walk", module: ModuleType) -> Tagged:
    owner = ownership.owner_of_module(module)
    if owner == ownership.PRODUCT:
        return ("product", (module.__name__,))
    if owner != ownership.OWN:
        return _marked(walk.foreign(module.__name__, module if owner == ownership.DISTRIBUTION else None))
    file = walk.inside(str(getattr(module, "__file__", None) or f"<{module.__name__}>"))
    return _marked(walk.edge(id(module), "module", module, (file, file, 0)))


def _library(walk: "Walk", name: str, module: object, owner: str) -> Foreign:
    import sys

    found = sys.modules.get(str(module))
    return walk.foreign(name, found if owner == ownership.DISTRIBUTION else None)


def _builtin(walk: "Walk", value: object) -> Tagged:
    """C code: its name, the file it was compiled into if that is the project's own, and what it is bound to."""
    bound = getattr(value, "__self__", None)
    home = getattr(value, "__objclass__", None)
    module = getattr(value, "__module__", None) or getattr(home, "__module__", None)
    if module is None and bound is not None:
        module = type(bound).__module__
    qualified = getattr(value, "__qualname__", None) or getattr(value, "__name__", "")
    owner = ownership.owner_of_name(module) if isinstance(module, str) else ownership.STANDARD
    name = f"{module}.{qualified}"
    if owner == ownership.PRODUCT:
        return ("product", (name,))
    if owner == ownership.OWN:
        return ("compiled", (qualified, *_compiled_home(module, home)))
    mark = _library(walk, name, module, owner)
    if bound is None or isinstance(bound, ModuleType | type):
        return _marked(mark)
    return ("bound builtin", (mark, bound))


def _compiled_home(module: object, home: object) -> Iterator[object]:
    import sys

    if isinstance(home, type):
        yield home
    elif isinstance(module, str) and module in sys.modules:
        yield sys.modules[module]


def _wrapper(value: object) -> Tagged | None:
    if isinstance(value, MethodType):
        return ("method", (value.__func__, value.__self__))
    if isinstance(value, functools.partial):
        return ("partial", (type(value), value.func, value.args, value.keywords))
    if isinstance(value, functools.partialmethod):
        return ("partialmethod", (value.func, value.args, value.keywords))
    if isinstance(value, staticmethod | classmethod):
        return (type(value).__name__, (value.__func__,))
    if isinstance(value, property):
        return ("property", (type(value), value.fget, value.fset, value.fdel))
    if isinstance(value, functools.cached_property):
        return ("cached_property", (type(value), value.func))
    if isinstance(value, functools.singledispatchmethod):
        return ("singledispatchmethod", (value.func, dict(value.dispatcher.registry)))
    if isinstance(value, _LRU):
        return ("lru_cache", (value.__wrapped__, value.cache_parameters()))
    if hasattr(value, "__wrapped__") and not isinstance(value, CodeType | _DESCRIPTORS):
        return ("wrapper", (type(value), value.__wrapped__))
    return None
