"""Finding a deferred value where it must not be: in an object, a closure, a set, a partial."""

import gc
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType

from mlops_core.pipelines.deferred import Deferred

_CLOSED = (type, ModuleType, CodeType, BuiltinFunctionType)


def find_hidden(value: object) -> Deferred | None:
    """A deferred value that can be reached from ``value``, else None.

    Reached are attributes, items, closures, defaults; not modules, classes and the globals of functions.
    Steps and pipelines are closed too: they hold none of their own.
    """
    seen = {id(value): value}  # kept alive: an address may not be given out again meanwhile
    work: list[object] = [value]
    while work:
        item = work.pop()
        if isinstance(item, Deferred):
            return item
        for inner in _inside(item):
            if id(inner) not in seen:
                seen[id(inner)] = inner
                work.append(inner)
    return None


def _inside(item: object) -> list[object]:
    kind = type(item)
    if isinstance(item, _CLOSED) or hasattr(kind, "__mlops_step__") or hasattr(kind, "__mlops_pipeline__"):
        return []
    if isinstance(item, FunctionType):
        return [item.__closure__, item.__defaults__, item.__kwdefaults__, item.__dict__]
    if kind.__module__ == "numpy" and getattr(getattr(item, "dtype", None), "hasobject", False):
        return list(item.ravel().tolist()) if hasattr(item, "ravel") else []
    return gc.get_referents(item)
