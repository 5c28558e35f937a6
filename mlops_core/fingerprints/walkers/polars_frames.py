"""polars frames and series, through the Arrow C data interface."""

from collections.abc import Iterable

import polars as pl
import pyarrow as pa

from mlops_core.engine._arrow import stream_grid
from mlops_core.engine.handed_out_tables import digest_of_column, digest_of_columns
from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.embedded import ClassIdentity, Embedded
from mlops_core.fingerprints.walkers.table import Described, Table, first_of


def walk(value: object) -> Described | None:
    """Description of a frame, a series, a lazy frame or an expression; else None."""
    return first_of(_TABLE, value)


def _frame(value: pl.DataFrame) -> Described:
    _refuse_objects(value.dtypes)
    digest = _digest(value)
    dtypes = [str(dtype) for dtype in value.dtypes]
    return ("polars frame", (ClassIdentity(type(value)), dtypes, Embedded(digest)))


def _digest(frame: pl.DataFrame) -> bytes:
    """That of the table; column by column, since polars copies a frame whose columns have other chunks."""
    if not frame.width:
        return stream_grid(frame.__arrow_c_stream__(None)).digest
    columns = [pa.chunked_array(series) for series in frame.get_columns()]
    return digest_of_columns(pa.table(frame.clear()).schema, frame.height, columns)


def _series(value: pl.Series) -> Described:
    _refuse_objects([value.dtype])
    digest = digest_of_column(pa.chunked_array(value))
    return ("polars series", (value.name, str(value.dtype), Embedded(digest)))


def _lazy(value: pl.LazyFrame) -> Described:
    return ("polars lazy frame", (value.serialize(),))


def _expression(value: pl.Expr) -> Described:
    return ("polars expression", (value.meta.serialize(),))


def _refuse_objects(dtypes: Iterable[object]) -> None:
    if pl.Object in dtypes:
        raise UnfingerprintableValue(
            "a polars column of Python objects has no stable content",
            hint="use a typed column (pl.Struct, pl.List)",
        )


_TABLE: Table = (
    (pl.DataFrame, _frame),
    (pl.Series, _series),
    (pl.LazyFrame, _lazy),
    (pl.Expr, _expression),
)
