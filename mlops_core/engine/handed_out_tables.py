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
    table: pa.Table, columns: Sequence[ColumnCells], memory: Iterable[memoryview], digest: bytes
) -> None:
    """Note a table over ``memory`` and its columns, given by their blocks, which are their chunks.

    A column with dictionaries, or that lies elsewhere, is not noted, and the table as a whole only if all
    of them lie there.
    """
    ranges = _Ranges(view.obj for view in memory)
    noted = [_remember_column(c, cells, ranges) for c, cells in zip(table.columns, columns, strict=True)]
    if noted and all(noted):
        handed_out.remember_object(table, digest)


def _remember_column(column: pa.ChunkedArray, cells: ColumnCells, ranges: _Ranges) -> bool:
    type, layout, addresses = column_layout(column.__arrow_c_stream__())
    owners = ranges.owners(addresses)
    if owners is None:
        return False
    if not cells.dictionaries:
        handed_out.remember(owners, layout, column_digest(type, cells.rows, cells.cells))
    return True


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
    if handed_out.is_empty() or not table.num_columns:
        return stream_grid(table.__arrow_c_stream__()).digest
    found = [_recall_column(column) for column in table.columns]
    if not any(found):
        return stream_grid(table.__arrow_c_stream__()).digest
    digests = [
        digest or array_grid_arrow(column.__arrow_c_stream__()).digest
        for digest, column in zip(found, table.columns, strict=True)
    ]
    return table_digest(table.schema.__arrow_c_schema__(), table.num_rows, digests)


def _recall_column(column: pa.ChunkedArray) -> bytes | None:
    _, layout, _ = column_layout(column.__arrow_c_stream__())
    found = handed_out.recall(layout)
    return None if found is None else found[0]
