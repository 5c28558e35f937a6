"""Arrow tables that came from the store: known again as a whole, or column by column."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from mlops_core.engine import handed_out
from mlops_core.engine._arrow import (
    address_range,
    array_grid_arrow,
    column_digest,
    column_layout,
    stream_grid,
    table_digest,
)
from mlops_core.engine._map import Mapping
from mlops_core.engine.arrow_cells import ColumnCells

if TYPE_CHECKING:
    import pyarrow as pa


def remember_table(
    table: pa.Table, blocks: Sequence[ColumnCells], memory: Iterable[memoryview], digest: bytes
) -> None:
    """Note a table over ``memory``, as a whole if all of it lies there, and its columns."""
    if remember_columns(table.columns, blocks, memory):
        handed_out.remember_object(table, digest)


def remember_columns(
    columns: Sequence[pa.ChunkedArray], blocks: Sequence[ColumnCells], memory: Iterable[memoryview]
) -> bool:
    """Note columns over ``memory``, given by their blocks, which are their chunks.

    A column with dictionaries inside, or that lies elsewhere, is not noted. True if all lie there.
    """
    ranges = _Ranges(view.obj for view in memory)
    noted = [_remember_column(c, cells, ranges) for c, cells in zip(columns, blocks, strict=True)]
    return bool(noted) and all(noted)


def _remember_column(column: pa.ChunkedArray, cells: ColumnCells, ranges: _Ranges) -> bool:
    type, layout, addresses = column_layout(column.__arrow_c_stream__())
    owners = ranges.owners(addresses)
    if owners is None:
        return False
    dictionaries = _dictionary_digests(column, cells)
    if dictionaries is not None:
        handed_out.remember(owners, layout, column_digest(type, cells.rows, cells.cells, dictionaries))
    return True


def _dictionary_digests(column: pa.ChunkedArray, cells: ColumnCells) -> list[bytes] | None:
    """The digest of a dictionary-encoded column's entries, none for other columns; None where it is more."""
    import pyarrow as pa

    if not cells.dictionaries:
        return []
    (entries, *more), is_plain = cells.dictionaries, pa.types.is_dictionary(column.type)
    if more or entries.dictionaries or not is_plain or not column.num_chunks:
        return None
    values = pa.chunked_array([column.chunk(0).dictionary])
    type, _, _ = column_layout(values.__arrow_c_stream__())
    return [column_digest(type, entries.rows, entries.cells)]


def _is_lasting(owner: Mapping | bytes) -> bool:
    return type(owner) is bytes or handed_out.is_lasting(owner)


class _Ranges:
    """Where the memory of owners lies that cannot change."""

    def __init__(self, owners: Iterable[object]) -> None:
        lasting = [o for o in owners if isinstance(o, Mapping | bytes) and _is_lasting(o)]
        distinct = {id(owner): owner for owner in lasting}
        self._ranges = sorted((*address_range(owner), n) for n, owner in enumerate(distinct.values()))
        self._starts = [start for start, _, _ in self._ranges]
        self._owners = list(distinct.values())

    def owners(self, addresses: Iterable[int]) -> list[object] | None:
        """Those that the addresses lie in; None where one lies elsewhere."""
        found = {self._owner(address) for address in addresses}
        return None if -1 in found else [self._owners[n] for n in found]

    def _owner(self, address: int) -> int:
        at = bisect.bisect_right(self._starts, address) - 1
        return self._ranges[at][2] if at >= 0 and address <= self._ranges[at][1] else -1


def digest_of_table(table: pa.Table) -> bytes:
    """What ``stream_grid`` says, without reading the columns that came from the store."""
    known = handed_out.recall_object(table)
    if known is not None:
        return known
    if not handed_out.is_empty():
        found = [_recall_column(column) for column in table.columns]
        if any(found):
            return digest_of_columns(table.schema, table.num_rows, table.columns, found)
    return stream_grid(table.__arrow_c_stream__()).digest


def digest_of_columns(
    schema: pa.Schema,
    rows: int,
    columns: Sequence[pa.ChunkedArray],
    found: Sequence[bytes | None] | None = None,
) -> bytes:
    """The digest of a table of these columns, of which those not ``found`` yet are looked for or read."""
    digests = [
        (found[number] if found is not None else None) or digest_of_column(column)
        for number, column in enumerate(columns)
    ]
    return table_digest(schema.__arrow_c_schema__(), rows, digests)


def digest_of_column(column: pa.ChunkedArray) -> bytes:
    """What ``array_grid_arrow`` says, without reading a column that came from the store."""
    known = None if handed_out.is_empty() else _recall_column(column)
    return known or array_grid_arrow(column.__arrow_c_stream__()).digest


def _recall_column(column: pa.ChunkedArray) -> bytes | None:
    _, layout, _ = column_layout(column.__arrow_c_stream__())
    found = handed_out.recall(layout)
    return None if found is None else found[0]
