"""polars frames and series, through the Arrow C data interface."""

import polars as pl

from mlops_core.engine._arrow import array_grid_arrow, stream_grid
from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.embedded import ClassIdentity, Embedded

Tagged = tuple[str, tuple[object, ...]]


def walk(value: object) -> Tagged | None:
    """Description of a frame, a series, a lazy frame or an expression; else None."""
    if isinstance(value, pl.DataFrame):
        _refuse_objects(value.dtypes)
        digest = stream_grid(value.__arrow_c_stream__()).digest
        return ("polars frame", (ClassIdentity(type(value)), _texts(value.dtypes), Embedded(digest)))
    if isinstance(value, pl.Series):
        _refuse_objects([value.dtype])
        digest = array_grid_arrow(value.__arrow_c_stream__()).digest
        return ("polars series", (value.name, str(value.dtype), Embedded(digest)))
    if isinstance(value, pl.LazyFrame):
        return ("polars lazy frame", (value.serialize(),))
    if isinstance(value, pl.Expr):
        return ("polars expression", (value.meta.serialize(),))
    return None


def _texts(dtypes: list[pl.DataType]) -> list[str]:
    return [str(dtype) for dtype in dtypes]


def _refuse_objects(dtypes: list[pl.DataType]) -> None:
    if pl.Object in dtypes:
        raise UnfingerprintableValue(
            "a polars column of Python objects has no stable content", hint="use a typed column (pl.Struct, pl.List)"
        )
