"""pandas frames, series, indexes and scalars: names, both axes, each column by its own array, attributes.

By logical column and never by block, so two frames that are equal but were built differently agree.
"""

from typing import Any

import pandas as pd  # type: ignore[import-untyped]

from mlops_core.engine._arrays import array_digests
from mlops_core.engine.pandas_trees import take_apart
from mlops_core.engine.stand_ins import Described as Tree
from mlops_core.fingerprints.embedded import ClassIdentity, Embedded
from mlops_core.fingerprints.walkers.pandas_arrays import describe_array
from mlops_core.fingerprints.walkers.table import Described, Table, first_of


def walk(value: object) -> Described | None:
    """Description of a frame, a series, an index, a column's array, a type or a scalar; else None."""
    if value is pd.NaT or value is pd.NA:
        return ("missing", (str(value),))
    return first_of(_TABLE, value)


def _taken_apart(value: Any) -> Described:
    """Frames, series, indexes and most of their arrays are described by what storing them takes apart."""
    tree = take_apart(value)
    if type(tree) is Tree:
        return (tree.tag, tuple(_hashed(part) if type(part) is list else part for part in tree.parts))
    return describe_array(value) if tree is value else ("numpy column", (tree,))


def _hashed(columns: list[Any]) -> list[Any]:
    """The columns with the digests of NumPy arrays in their places: many are hashed faster together."""
    digests = array_digests(columns)
    return [
        column if digest is None else Embedded(digest)
        for column, digest in zip(columns, digests, strict=True)
    ]


def _categorical_type(dtype: Any) -> Described:
    categories = None if dtype.categories is None else pd.Index(dtype.categories)
    return ("categorical type", (categories, bool(dtype.ordered)))


def _type(dtype: Any) -> Described:
    return ("pandas type", (ClassIdentity(type(dtype)), str(dtype)))


def _moment(value: Any) -> Described:
    about = (value.value, value.unit, getattr(value, "fold", 0), getattr(value, "tzinfo", None))
    return ("moment", (type(value).__name__, *about))


_TABLE: Table = (
    ((pd.DataFrame, pd.Series, pd.Index, pd.api.extensions.ExtensionArray), _taken_apart),
    (pd.CategoricalDtype, _categorical_type),
    (pd.api.extensions.ExtensionDtype, _type),
    ((pd.Timestamp, pd.Timedelta), _moment),
)
