"""``writable(x)`` asks for a private copy-on-write array instead of a read-only one."""

import sys
import weakref
from typing import Any

from mlops_core.config import mode
from mlops_core.pipelines.containers import rebuilt
from mlops_core.pipelines.deferred import Deferred
from mlops_core.pipelines.operations import Writable, operation_of

# Arrays made here for a cached call: the runner must not hand them on as read-only views.
_asked: "weakref.WeakValueDictionary[int, object]" = weakref.WeakValueDictionary()


def writable(value: object) -> object:
    """``value`` with its arrays private, so that code may change them.

    In a pipeline body the consumer of the deferred value gets it so; elsewhere the arrays in it (itself, or
    in lists, tuples and dicts) are copies, and a cached call that they are given to may change them.
    """
    if mode.current() == mode.BUILDING:
        return rebuilt(value, _request)
    return rebuilt(value, _remembered)


def is_asked_writable(value: object) -> bool:
    """Whether the value is an array that ``writable`` made outside a pipeline body."""
    return _asked.get(id(value)) is value


def _request(leaf: object) -> object:
    operation = operation_of(leaf)
    if isinstance(operation, Writable):
        return leaf
    return Deferred(Writable(leaf)) if operation is not None or _is_array(leaf) else leaf


def _copied(leaf: Any) -> object:
    return leaf.copy(order="K") if _is_array(leaf) else leaf


def _is_array(leaf: object) -> bool:
    numpy = sys.modules.get("numpy")  # without it nobody can hold an array
    return numpy is not None and isinstance(leaf, numpy.ndarray)


def _remembered(leaf: object) -> object:
    made = _copied(leaf)
    if made is not leaf:
        _asked[id(made)] = made
    return made
