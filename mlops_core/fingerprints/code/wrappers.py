"""Objects around a function: what they hold counts, so that nothing hides behind them."""

import functools
from collections.abc import Callable
from types import (
    ClassMethodDescriptorType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    WrapperDescriptorType,
)
from typing import Any

Tagged = tuple[str, tuple[object, ...]]
LRU = type(functools.lru_cache(len))
DESCRIPTORS: tuple[type, ...] = (
    MethodDescriptorType,
    WrapperDescriptorType,
    ClassMethodDescriptorType,
    GetSetDescriptorType,
    MemberDescriptorType,
)


def describe_wrapper(value: Any) -> Tagged | None:
    """Tag and contents of a wrapper; None for anything else."""
    for kind, make in _TABLE:
        if isinstance(value, kind):
            return make(value)
    return None


def _method(value: Any) -> Tagged:
    return ("method", (value.__func__, value.__self__))


def _partial(value: Any) -> Tagged:
    return ("partial", (type(value), value.func, value.args, value.keywords))


def _partialmethod(value: Any) -> Tagged:
    return ("partialmethod", (value.func, value.args, value.keywords))


def _bound_later(value: Any) -> Tagged:
    return (type(value).__name__, (value.__func__,))


def _property(value: Any) -> Tagged:
    return ("property", (type(value), value.fget, value.fset, value.fdel))


def _cached_property(value: Any) -> Tagged:
    return ("cached_property", (type(value), value.func))


def _singledispatchmethod(value: Any) -> Tagged:
    return ("singledispatchmethod", (value.func, dict(value.dispatcher.registry)))


def _lru_cache(value: Any) -> Tagged:
    return ("lru_cache", (value.__wrapped__, value.cache_parameters()))


_TABLE: tuple[tuple[type | tuple[type, ...], Callable[[Any], Tagged]], ...] = (
    (MethodType, _method),
    (functools.partial, _partial),
    (functools.partialmethod, _partialmethod),
    ((staticmethod, classmethod), _bound_later),
    (property, _property),
    (functools.cached_property, _cached_property),
    (functools.singledispatchmethod, _singledispatchmethod),
    (LRU, _lru_cache),
)
# Wrappers with arguments of their own, which may change in place.
HOLDERS: tuple[type, ...] = (MethodType, functools.partial, functools.partialmethod)
WRAPPERS: tuple[type, ...] = tuple(
    kind for row in _TABLE for kind in (row[0] if isinstance(row[0], tuple) else (row[0],))
)
