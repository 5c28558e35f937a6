"""The arrays behind pandas' columns as NumPy arrays and Arrow tables, and back, without copying.

What lies under a missing value is no part of a column; everything else comes back as it was.
"""

from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pyarrow as pa

from mlops_core.engine.stand_ins import Described

#: The column of the table that stands for an Arrow-backed array.
VALUE = "value"
_ARRAYS = pd.arrays
_MASKED = {
    "IntegerArray": _ARRAYS.IntegerArray,
    "FloatingArray": _ARRAYS.FloatingArray,
    "BooleanArray": _ARRAYS.BooleanArray,
}


def take_array(array: Any) -> object:
    """A NumPy array as it is, an extension array as a Described; one of an unknown class as it is."""
    take = _TAKE.get(type(array))
    return array if take is None else take(array)


def put_array(part: Any) -> Any:
    """The array that ``take_array`` took apart, its parts given back in any way that is equal."""
    return _PUT[part.tag](*part.parts) if type(part) is Described else part


def _take_plain(array: Any) -> object:
    return array.to_numpy()


def _take_moments(array: Any) -> Described | Any:
    """Moments without a zone, and spans, are NumPy's own."""
    zone = getattr(array, "tz", None)
    if zone is None:
        return np.asarray(array)
    return Described("moments", (array.dtype.unit, zone, array.asi8))


def _put_moments(unit: str, zone: Any, numbers: Any) -> Any:
    return pd.array(numbers, dtype=pd.DatetimeTZDtype(unit, zone), copy=False)


def _take_periods(array: Any) -> Described:
    return Described("periods", (array.dtype.freq, array.asi8))


def _put_periods(freq: Any, ordinals: Any) -> Any:
    return _ARRAYS.PeriodArray(ordinals, dtype=pd.PeriodDtype(freq))


def _take_masked(array: Any) -> Described:
    values = array.to_numpy(dtype=array.dtype.numpy_dtype, na_value=0)
    return Described("nullable column", (type(array).__name__, values, np.asarray(array.isna())))


def _put_masked(kind: str, values: Any, mask: Any) -> Any:
    return _MASKED[kind](values, mask)


def _take_arrow(array: Any) -> Described:
    column = array.__arrow_array__()
    name = array.dtype.name
    if type(array) is _ARRAYS.ArrowExtensionArray:
        return Described("arrow column", (pa.table({VALUE: column}),))
    is_nan = array.dtype.na_value is not pd.NA
    return Described("text column", (name, array.dtype.storage, is_nan, pa.table({VALUE: column})))


def _put_arrow(table: Any) -> Any:
    return _ARRAYS.ArrowExtensionArray(table.column(0))


def _put_text(name: str, storage: str, is_nan: bool, table: Any) -> Any:
    dtype = pd.StringDtype(storage, na_value=np.nan if is_nan else pd.NA)
    if storage == "pyarrow":
        return _ARRAYS.ArrowStringArray(table.column(0), dtype=dtype)
    values = table.column(0).to_numpy()
    values[values == None] = dtype.na_value  # noqa: E711 - element by element
    return pd.array(values, dtype=dtype, copy=False)


def _take_categorical(array: Any) -> Described:
    from mlops_core.engine.pandas_trees import take_apart

    return Described("categorical", (array.codes, take_apart(array.categories), bool(array.ordered)))


def _put_categorical(codes: Any, categories: Any, ordered: bool) -> Any:
    from mlops_core.engine.pandas_trees import put_together

    dtype = pd.CategoricalDtype(put_together(categories), ordered)
    return pd.Categorical.from_codes(codes, dtype=dtype, validate=False)


def _take_intervals(array: Any) -> Described:
    from mlops_core.engine.pandas_trees import take_apart

    return Described("intervals", (array.closed, take_apart(array.left), take_apart(array.right)))


def _put_intervals(closed: str, left: Any, right: Any) -> Any:
    from mlops_core.engine.pandas_trees import put_together

    return _ARRAYS.IntervalArray.from_arrays(put_together(left), put_together(right), closed, copy=False)


_TAKE: dict[type, Any] = {
    _ARRAYS.NumpyExtensionArray: _take_plain,
    _ARRAYS.DatetimeArray: _take_moments,
    _ARRAYS.TimedeltaArray: _take_moments,
    _ARRAYS.PeriodArray: _take_periods,
    _ARRAYS.IntegerArray: _take_masked,
    _ARRAYS.FloatingArray: _take_masked,
    _ARRAYS.BooleanArray: _take_masked,
    _ARRAYS.ArrowExtensionArray: _take_arrow,
    _ARRAYS.ArrowStringArray: _take_arrow,
    _ARRAYS.StringArray: _take_arrow,
    pd.Categorical: _take_categorical,
    _ARRAYS.IntervalArray: _take_intervals,
}
_PUT: dict[str, Any] = {
    "moments": _put_moments,
    "periods": _put_periods,
    "nullable column": _put_masked,
    "arrow column": _put_arrow,
    "text column": _put_text,
    "categorical": _put_categorical,
    "intervals": _put_intervals,
}
