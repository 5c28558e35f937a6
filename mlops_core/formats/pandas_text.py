"""Columns of Python strings: object arrays of nothing but ``str`` and ``None``, kept as an Arrow column."""

import sys
from typing import Any

#: Fewer rows are pickled: that is smaller.
_FEWEST = 64


def text_table(part: Any) -> Any:
    """The Arrow table of an object array of plain strings and None; None for anything else."""
    if not _is_column_of_objects(part) or len(part) < _FEWEST:
        return None
    if not {str, type(None)}.issuperset(map(type, part.tolist())):
        return None
    import pyarrow as pa

    try:
        column = pa.array(part, pa.large_string())
    except (UnicodeEncodeError, pa.ArrowInvalid):  # a lone surrogate is no UTF-8
        return None
    return pa.table({"value": column})


def _is_column_of_objects(part: Any) -> bool:
    numpy = sys.modules["numpy"]
    return type(part) is numpy.ndarray and part.ndim == 1 and part.dtype.kind == "O"


def text_objects(table: Any) -> Any:
    """The object array, its missing values None."""
    return table.column(0).to_numpy()
