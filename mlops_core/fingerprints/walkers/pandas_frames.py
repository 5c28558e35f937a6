"""pandas frames, series, indexes and scalars: names, both axes, each column by its own array, attributes.

By logical column and never by block, so two frames that are equal but were built differently agree.
"""

from typing import Any

import pandas as pd  # type: ignore[import-untyped]

from mlops_core.fingerprints.embedded import ClassIdentity
from mlops_core.fingerprints.walkers.pandas_arrays import describe_array
from mlops_core.fingerprints.walkers.table import Described, Table, first_of


def walk(value: object) -> Described | None:
    """Description of a frame, a series, an index, a column's array, a type or a scalar; else None."""
    if value is pd.NaT or value is pd.NA:
        return ("missing", (str(value),))
    return first_of(_TABLE, value)


def _frame(value: Any) -> Described:
    columns = [series.array for _, series in value.items()]
    return ("frame", (ClassIdentity(type(value)), value.columns, value.index, columns, *_state(value)))


def _series(value: Any) -> Described:
    return ("series", (ClassIdentity(type(value)), value.name, value.index, value.array, *_state(value)))


def _state(value: Any) -> tuple[object, ...]:
    named = {name: getattr(value, name, None) for name in value._metadata if name != "_name"}
    return (dict(value.attrs), value.flags.allows_duplicate_labels, named)


def _multi_index(index: Any) -> Described:
    levels = [index.get_level_values(i).array for i in range(index.nlevels)]
    return ("multi index", (list(index.names), levels))


def _range_index(index: Any) -> Described:
    return ("range index", (index.start, index.stop, index.step, index.name))


def _index(index: Any) -> Described:
    freq = getattr(index, "freqstr", None)
    return ("index", (type(index).__name__, index.name, freq, index.array))


def _categorical_type(dtype: Any) -> Described:
    categories = None if dtype.categories is None else pd.Index(dtype.categories)
    return ("categorical type", (categories, bool(dtype.ordered)))


def _type(dtype: Any) -> Described:
    return ("pandas type", (ClassIdentity(type(dtype)), str(dtype)))


def _moment(value: Any) -> Described:
    about = (value.value, value.unit, getattr(value, "fold", 0), getattr(value, "tzinfo", None))
    return ("moment", (type(value).__name__, *about))


_TABLE: Table = (
    (pd.DataFrame, _frame),
    (pd.Series, _series),
    (pd.MultiIndex, _multi_index),
    (pd.RangeIndex, _range_index),
    (pd.Index, _index),
    (pd.api.extensions.ExtensionArray, describe_array),
    (pd.CategoricalDtype, _categorical_type),
    (pd.api.extensions.ExtensionDtype, _type),
    ((pd.Timestamp, pd.Timedelta), _moment),
)
