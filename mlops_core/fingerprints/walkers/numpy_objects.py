"""NumPy values beyond plain arrays and scalars, which the engine digests itself."""

import sys

import numpy as np

from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.embedded import ClassIdentity

Tagged = tuple[str, tuple[object, ...]]


def walk(value: object) -> Tagged | None:
    """Description of an object array, a masked array, an array subclass, a dtype or a ufunc; else None."""
    kind = type(value)
    if isinstance(value, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(value)
        return ("masked array", (ClassIdentity(kind), value.data, mask, value.fill_value, value.hardmask))
    if isinstance(value, np.ndarray):
        if kind is not np.ndarray:
            state = getattr(value, "__dict__", None)
            return ("array subclass", (ClassIdentity(kind), np.asarray(value), state))
        return _objects(value)
    if isinstance(value, np.dtype):
        return ("dtype", (_dtype(value),))
    if isinstance(value, np.ufunc):
        return _ufunc(value)
    return None


def _objects(array: np.ndarray) -> Tagged | None:  # type: ignore[type-arg]
    if not array.dtype.hasobject:
        return None
    return ("object array", (_dtype(array.dtype), array.shape, array.ravel().tolist()))


def _dtype(dtype: object) -> tuple[object, ...]:
    assert isinstance(dtype, np.dtype)
    if dtype.names is None and dtype.subdtype is None:
        return (dtype.str, _metadata(dtype))
    if dtype.subdtype is not None:
        base, shape = dtype.subdtype
        return (_dtype(base), shape)
    fields = dtype.fields or {}
    found = tuple((name, _dtype(fields[name][0]), fields[name][1]) for name in dtype.names or ())
    return (found, dtype.itemsize, dtype.alignment, _metadata(dtype))


def _metadata(dtype: object) -> object:
    metadata = getattr(dtype, "metadata", None)
    return dict(metadata) if metadata else None


def _ufunc(value: np.ufunc) -> Tagged:
    for module in ("numpy", "scipy.special"):
        if getattr(sys.modules.get(module), value.__name__, None) is value:
            return ("ufunc", (module, value.__name__))
    raise UnfingerprintableValue(
        f"the ufunc {value.__name__!r} hides the function it was made from",
        hint="make it inside the step, or use numpy.vectorize",
    )
