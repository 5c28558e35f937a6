from collections.abc import Callable, Sequence
from typing import NamedTuple

from typing_extensions import Buffer

class ColumnGrid(NamedTuple):
    """The blocks of one column, and of the dictionaries in its type, depth first.

    ``rows``: of each block. ``cells``: of each block the digests of its cells, one for each buffer, depth
    first, ``b""`` where a buffer is empty; before them that of the layout where the type is nested.
    """

    digest: bytes
    rows: tuple[int, ...]
    cells: tuple[tuple[bytes, ...], ...]
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

def column_layout(stream: object) -> tuple[bytes, bytes, list[int]]:
    """Where a (chunked) array lies: ``(type, layout, addresses)``, of an ``arrow_array_stream`` capsule.

    The type as in the pre-image of its digest; type, lengths, offsets and addresses of all chunks as bytes;
    the addresses of its buffers, as numbers.
    """

def address_range(data: Buffer, /) -> tuple[int, int]:
    """First and last address of a buffer's bytes; the last one is that behind them."""

def column_digest(
    type: bytes, rows: Sequence[int], cells: Sequence[Sequence[bytes]], dictionaries: Sequence[bytes] = ()
) -> bytes:
    """The digest of a column: of its type, the rows and cells of its blocks, and its dictionaries."""

def table_digest(schema: object, rows: int, columns: Sequence[bytes]) -> bytes:
    """The digest of a table, from an ``arrow_schema`` capsule, its length and the digests of its columns."""
