"""Arguments of a direct call as the step may see them: nothing of the caller's can change."""

import copy
import sys
from typing import Any

from mlops_core.pipelines.writable import is_asked_writable

IMMUTABLE = (type(None), bool, int, float, complex, str, bytes, range, slice, type)


def private(value: Any) -> Any:
    """Read-only canonical views of arrays, Arrow data as it is, a private copy of everything mutable.

    An array or frame in another layout is brought into the store's first: on a hit it would come from there
    that way, and a sum could differ in the last bit.
    """
    if isinstance(value, IMMUTABLE) or type(value).__module__.startswith("pyarrow"):
        return value
    if is_asked_writable(value):  # a copy already
        return value if value.dtype.hasobject else sys.modules["numpy"].asarray(value, order="C")
    if type(value) in (list, tuple):
        return type(value)(private(item) for item in value)
    if type(value) is dict:
        return {private(k): private(v) for k, v in value.items()}
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(value) is numpy.ndarray and not value.dtype.hasobject:
        return _read_only(numpy, value)
    return _copied_frame(value) if type(value).__module__.startswith("pandas") else copy.deepcopy(value)


def _copied_frame(value: Any) -> Any:
    from mlops_core.engine.pandas_trees import is_known, private_copy

    return private_copy(value) if is_known(value) else copy.deepcopy(value)


def _read_only(numpy: Any, array: Any) -> Any:
    canonical = numpy.asarray(array, order="C")
    if canonical is array:
        canonical = array.view()
    canonical.flags.writeable = False
    return canonical
