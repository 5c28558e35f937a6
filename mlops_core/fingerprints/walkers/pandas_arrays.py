"""The arrays behind pandas' columns: values and what is missing, never what lies under a missing value."""

from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]

from mlops_core.fingerprints.embedded import ClassIdentity
from mlops_core.fingerprints.walkers.table import Described, Table, first_of


def describe_array(array: Any) -> Described:
    """Description of any extension array."""
    return first_of(_TABLE, array) or _through_arrow(array)


def _categorical(array: Any) -> Described:
    return ("categorical", (np.asarray(array.codes), array.categories, bool(array.ordered)))


def _moments(array: Any) -> Described:
    zone = getattr(array, "tz", None)
    return ("moments", (type(array).__name__, str(array.dtype), zone, np.asarray(array.asi8)))


def _intervals(array: Any) -> Described:
    return ("intervals", (array.closed, pd.Index(array.left), pd.Index(array.right)))


def _sparse(array: Any) -> Described:
    places, values = np.asarray(array.sp_index.indices), np.asarray(array.sp_values)
    return ("sparse", (str(array.dtype), len(array), array.fill_value, places, values))


def _plain(array: Any) -> Described:
    return ("numpy column", (array.to_numpy(),))


def _nullable(array: Any) -> Described:
    values = array.to_numpy(dtype=array.dtype.numpy_dtype, na_value=0)
    return ("nullable column", (type(array).__name__, str(array.dtype), np.asarray(array.isna()), values))


def _through_arrow(array: Any) -> Described:
    """Strings and Arrow-backed columns through Arrow; an extension of somebody else by its elements."""
    convert = getattr(array, "__arrow_array__", None)
    if convert is None:
        return ("extension column", (ClassIdentity(type(array)), str(array.dtype), list(array)))
    return ("arrow column", (type(array).__name__, str(array.dtype), convert()))


_ARRAYS = pd.arrays
_TABLE: Table = (
    (pd.Categorical, _categorical),
    ((_ARRAYS.DatetimeArray, _ARRAYS.TimedeltaArray, _ARRAYS.PeriodArray), _moments),
    (_ARRAYS.IntervalArray, _intervals),
    (_ARRAYS.SparseArray, _sparse),
    (_ARRAYS.NumpyExtensionArray, _plain),
    ((_ARRAYS.IntegerArray, _ARRAYS.FloatingArray, _ARRAYS.BooleanArray), _nullable),
)
