"""pandas frames, series and indexes: names, both axes, each column by its own array, attributes.

By logical column and never by block, so two frames that are equal but were built differently agree.
"""

import numpy as np
import pandas as pd

from mlops_core.fingerprints.embedded import ClassIdentity

Tagged = tuple[str, tuple[object, ...]]


def walk(value: object) -> Tagged | None:
    """Description of a frame, a series, an index, a column's array or one of pandas' scalars; else None."""
    if isinstance(value, pd.DataFrame):
        columns = [series.array for _, series in value.items()]
        state = (dict(value.attrs), value.flags.allows_duplicate_labels)
        return ("frame", (ClassIdentity(type(value)), value.columns, value.index, columns, *state))
    if isinstance(value, pd.Series):
        state = (dict(value.attrs), value.flags.allows_duplicate_labels)
        return ("series", (ClassIdentity(type(value)), value.name, value.index, value.array, *state))
    if isinstance(value, pd.Index):
        return _index(value)
    if isinstance(value, pd.api.extensions.ExtensionArray):
        return _array(value)
    if isinstance(value, pd.api.extensions.ExtensionDtype):
        return ("pandas dtype", (ClassIdentity(type(value)), str(value), *_dtype_state(value)))
    if isinstance(value, pd.Timestamp | pd.Timedelta):
        fold = getattr(value, "fold", 0)
        return ("moment", (type(value).__name__, value.value, value.unit, fold, getattr(value, "tzinfo", None)))
    if value is pd.NaT or value is pd.NA:
        return ("missing", (str(value),))
    return None


def _index(index: pd.Index) -> Tagged:
    if isinstance(index, pd.MultiIndex):
        levels = [index.get_level_values(i).array for i in range(index.nlevels)]
        return ("multi index", (list(index.names), levels))
    if isinstance(index, pd.RangeIndex):
        return ("range index", (index.start, index.stop, index.step, index.name))
    freq = getattr(index, "freqstr", None)
    return ("index", (type(index).__name__, index.name, freq, index.array))


def _dtype_state(dtype: object) -> tuple[object, ...]:
    if isinstance(dtype, pd.CategoricalDtype):
        return (None if dtype.categories is None else pd.Index(dtype.categories), bool(dtype.ordered))
    return ()


def _array(array: pd.api.extensions.ExtensionArray) -> Tagged:
    name, dtype = type(array).__name__, str(array.dtype)
    if isinstance(array, pd.Categorical):
        return ("categorical", (np.asarray(array.codes), array.categories, bool(array.ordered)))
    if isinstance(array, pd.arrays.DatetimeArray | pd.arrays.TimedeltaArray | pd.arrays.PeriodArray):
        return ("moments", (name, dtype, getattr(array, "tz", None), np.asarray(array.asi8)))
    if isinstance(array, pd.arrays.IntervalArray):
        return ("intervals", (array.closed, pd.Index(array.left), pd.Index(array.right)))
    if isinstance(array, pd.arrays.SparseArray):
        return ("sparse", (dtype, array.fill_value, np.asarray(array.sp_index.indices), np.asarray(array.sp_values)))
    mask = np.asarray(array.isna())
    if isinstance(array, pd.arrays.NumpyExtensionArray):
        return ("numpy column", (array.to_numpy(),))
    if _is_masked(array):
        return ("nullable column", (name, dtype, mask, array.to_numpy(dtype=array.dtype.numpy_dtype, na_value=0)))
    return _through_arrow(array, name, dtype, mask)


def _is_masked(array: object) -> bool:
    kinds = (pd.arrays.IntegerArray, pd.arrays.FloatingArray, pd.arrays.BooleanArray)
    return isinstance(array, kinds)


def _through_arrow(array: object, name: str, dtype: str, mask: object) -> Tagged:
    """Strings and Arrow-backed columns through Arrow; an extension of somebody else by its elements."""
    convert = getattr(array, "__arrow_array__", None)
    if convert is None:
        elements = list(array)  # type: ignore[call-overload]
        return ("extension column", (ClassIdentity(type(array)), dtype, mask, elements))
    converted = convert()
    return ("arrow column", (name, dtype, converted))
