"""NumPy values beyond plain arrays and scalars, which the engine digests itself."""

import sys
from typing import Any

import numpy as np

from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.embedded import ClassIdentity
from mlops_core.fingerprints.walkers.table import Described, Table, first_of


def walk(value: object) -> Described | None:
    """Description of an object array, a masked array, an array subclass, a dtype or a ufunc; else None."""
    return first_of(_TABLE, value)


def _masked(value: Any) -> Described:
    mask = np.ma.getmaskarray(value)
    about = (value.data, mask, value.fill_value, value.hardmask)
    return ("masked array", (ClassIdentity(type(value)), *about))


def _array(value: Any) -> Described | None:
    if type(value) is not np.ndarray:
        state = getattr(value, "__dict__", None)
        plain = np.ndarray(value.shape, value.dtype, value, strides=value.strides)
        return ("array subclass", (ClassIdentity(type(value)), plain, state if _is_state(value) else None))
    if not value.dtype.hasobject:
        return None
    return ("object array", (_dtype_content(value.dtype), value.shape, value.ravel().tolist()))


def _is_state(value: object) -> bool:
    """A map of a file carries where it lies: that is no part of its value."""
    return not isinstance(value, np.memmap)


def _dtype(dtype: Any) -> Described:
    return ("dtype", _dtype_content(dtype))


def _dtype_content(dtype: Any) -> tuple[object, ...]:
    metadata = dict(dtype.metadata) if dtype.metadata else None
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return (_dtype_content(base), shape)
    if dtype.names is None:
        return (dtype.str, metadata)
    fields = tuple(
        (name, _dtype_content(dtype.fields[name][0]), dtype.fields[name][1]) for name in dtype.names
    )
    return (fields, dtype.itemsize, dtype.isalignedstruct, metadata)


def _ufunc(value: np.ufunc) -> Described:
    for module in ("numpy", "scipy.special"):
        if getattr(sys.modules.get(module), value.__name__, None) is value:
            return ("ufunc", (module, value.__name__))
    raise UnfingerprintableValue(
        f"the ufunc {value.__name__!r} hides the function it was made from",
        hint="make it inside the step, or use numpy.vectorize",
    )


_TABLE: Table = (
    (np.ma.MaskedArray, _masked),
    (np.ndarray, _array),
    (np.dtype, _dtype),
    (np.ufunc, _ufunc),
)
