from collections.abc import Callable
from typing import NamedTuple

class ColumnGrid(NamedTuple):
    """The cells of one column, and of the dictionaries in its type, depth first."""

    digest: bytes
    rows: tuple[int, ...]
    cells: tuple[bytes, ...]
    dictionaries: tuple[ColumnGrid, ...]
    nbytes: int

class TableGrid(NamedTuple):
    """The columns of a table, in order, and its number of rows."""

    digest: bytes
    columns: tuple[ColumnGrid, ...]
    rows: int

def stream_grid(
    stream: object, sink: Callable[[bytes, tuple[memoryview, ...]], object] | None = None
) -> TableGrid:
    """Cut a table into cells: the grid of the record batches of an ``arrow_array_stream`` capsule.

    ``sink(digest, pieces)`` gets every cell, those of one column in order; the pieces are memoryviews
    that are valid during the call only. Raises UnfingerprintableValue for unknown types and invalid data,
    RuntimeError where the producer fails, ValueError for a consumed stream.
    """

def array_grid_arrow(
    stream: object, sink: Callable[[bytes, tuple[memoryview, ...]], object] | None = None
) -> ColumnGrid:
    """Cut one (chunked) array into cells: the grid of the arrays of an ``arrow_array_stream`` capsule.

    Name, nullability and metadata of the stream's field play no role. Sink and errors as in ``stream_grid``.
    """
