"""pandas frames, series and indexes taken apart into columns, and put together again from them.

By logical column and never by block: frames that are equal but were built differently are told alike. What
is put together has one layout, a block for each column that is not short.
"""

import copy
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pyarrow as pa

from mlops_core.engine.pandas_arrays import put_array, take_array
from mlops_core.engine.stand_ins import ClassIdentity, Described

#: Columns of fewer rows are joined by type, as pandas does it: there copying costs less than many blocks.
FEW_ROWS = 4096
#: More columns than that are joined, too: each block apart may need memory maps of its own.
MANY_COLUMNS = 10_000


def take_apart(value: Any) -> object:
    """A Described of NumPy arrays, Arrow tables and plain values; what is none of pandas' own, as it is."""
    if isinstance(value, pd.DataFrame):
        return _take_frame(value)
    if isinstance(value, pd.Series):
        column = _take_column(value)
        parts = (ClassIdentity(type(value)), value.name, take_apart(value.index), column, *_state(value))
        return Described("series", parts)
    if isinstance(value, pd.Index):
        return _take_index(value)
    return take_array(value)


def put_together(part: Any) -> Any:
    """The frame, series, index or array that was taken apart; what is not Described, as it is."""
    put = _PUT.get(part.tag) if type(part) is Described else None
    return put_array(part) if put is None else put(*part.parts)


def is_known(value: object) -> bool:
    """Whether the value is exactly of one of pandas' own classes that this module tells completely."""
    return type(value) in _KNOWN or type(take_array(value)) is Described


def private_copy(value: Any) -> Any:
    """A copy that shares nothing that can change, in the layout in which the store would hand it out."""
    return put_together(_copied(take_apart(value)))


def _copied(part: Any) -> Any:
    if type(part) is Described:
        return Described(part.tag, tuple(_copied(inner) for inner in part.parts))
    if type(part) is list:
        return [_copied(inner) for inner in part]
    if type(part) is np.ndarray and not part.dtype.hasobject:
        return np.array(part, order="C")
    return part if isinstance(part, ClassIdentity | pa.Table) else copy.deepcopy(part)


def _take_frame(frame: Any) -> Described:
    columns = [_take_column(series) for _, series in frame.items()]
    labels, index = take_apart(frame.columns), take_apart(frame.index)
    return Described("frame", (ClassIdentity(type(frame)), labels, index, columns, *_state(frame)))


def _take_column(series: Any) -> object:
    return series.to_numpy() if isinstance(series.dtype, np.dtype) else take_array(series.array)


def _state(value: Any) -> tuple[object, ...]:
    named = {name: getattr(value, name, None) for name in value._metadata if name != "_name"}
    return (dict(value.attrs), value.flags.allows_duplicate_labels, named)


def _put_frame(
    _: object, labels: Any, index: Any, columns: Any, attrs: Any, duplicates: Any, *__: Any
) -> Any:
    rows = put_together(index)
    joins = len(rows) < FEW_ROWS or len(columns) > MANY_COLUMNS
    made = {number: _put_column(column, rows) for number, column in enumerate(columns)}
    frame = pd.DataFrame(made, index=rows, copy=joins)
    frame.columns = put_together(labels)
    return _with_state(frame, attrs, duplicates)


def _put_column(part: Any, index: Any) -> Any:
    """Objects go in as a series: pandas would look into an array of them for what else it could be."""
    array = put_array(part)
    is_objects = type(array) is np.ndarray and array.dtype.hasobject
    return pd.Series(array, index, dtype=object, copy=False) if is_objects else array


def _put_series(_: object, name: Any, index: Any, column: Any, attrs: Any, duplicates: Any, *__: Any) -> Any:
    array = put_array(column)
    series = pd.Series(array, put_together(index), dtype=array.dtype, name=name, copy=False)
    return _with_state(series, attrs, duplicates)


def _with_state(value: Any, attrs: Any, duplicates: bool) -> Any:
    value.attrs = attrs
    return value if duplicates else value.set_flags(allows_duplicate_labels=False)


def _take_index(index: Any) -> Described:
    if isinstance(index, pd.MultiIndex):
        levels = [take_apart(level) for level in index.levels]
        return Described(
            "multi index", (list(index.names), levels, [np.asarray(code) for code in index.codes])
        )
    if isinstance(index, pd.RangeIndex):
        return Described("range index", (index.start, index.stop, index.step, index.name))
    array = index.to_numpy() if isinstance(index.dtype, np.dtype) else take_array(index.array)
    return Described("index", (index.name, getattr(index, "freq", None), array))


def _put_multi_index(names: Any, levels: Any, codes: Any) -> Any:
    made = [put_together(level) for level in levels]
    return pd.MultiIndex(made, codes, names=names, verify_integrity=False, copy=False)


def _put_range_index(start: int, stop: int, step: int, name: Any) -> Any:
    return pd.RangeIndex(start, stop, step, name=name)


def _put_index(name: Any, freq: Any, part: Any) -> Any:
    array = put_array(part)
    index = pd.Index(array, dtype=array.dtype, name=name, copy=False, tupleize_cols=False)
    if freq is not None and index.freq != freq:  # a period index has it from its type
        index.freq = freq
    return index


_PUT: dict[str, Any] = {
    "frame": _put_frame,
    "series": _put_series,
    "multi index": _put_multi_index,
    "range index": _put_range_index,
    "index": _put_index,
}
_KNOWN = frozenset(
    {
        pd.DataFrame,
        pd.Series,
        pd.Index,
        pd.RangeIndex,
        pd.MultiIndex,
        pd.CategoricalIndex,
        pd.DatetimeIndex,
        pd.TimedeltaIndex,
        pd.PeriodIndex,
        pd.IntervalIndex,
    }
)
