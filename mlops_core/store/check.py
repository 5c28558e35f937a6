"""Checking a segment file: its own table, every cell, and that nothing but zeros lies between them.

A grown cell is no more than a line of the table here: its parts are cells, each checked where it lies.
"""

import os
from collections.abc import Sequence
from typing import NamedTuple

from mlops_core.engine._hash import xxh3_128
from mlops_core.engine.cells import CellRow, GrownRow
from mlops_core.store import layout
from mlops_core.store.coding import decoded
from mlops_core.store.layout import Table


class SegmentCheck(NamedTuple):
    """What a check found: ``cells`` and ``grown`` cells of the table (none where it cannot be trusted),
    ``damaged`` digests among them, and ``faults``, a sentence each. A segment without faults is as it was
    written."""

    cells: tuple[CellRow, ...]
    damaged: frozenset[bytes]
    faults: tuple[str, ...]
    grown: tuple[GrownRow, ...] = ()


def check_segment(descriptor: int, segment: str) -> SegmentCheck:
    """Read a whole segment; raises OSError only where the disk does."""
    try:
        cells, grown = read_table(descriptor, segment)
    except ValueError as error:
        return SegmentCheck((), frozenset(), (str(error),))
    damaged = frozenset(cell.digest for cell in cells if not cell_holds(descriptor, cell))
    faults = [f"cell {digest.hex()} does not match its digest" for digest in sorted(damaged)]
    faults += _stray_bytes(descriptor, cells)
    return SegmentCheck(cells, damaged, tuple(faults), grown)


def read_table(descriptor: int, segment: str) -> Table:
    """The cells that a segment says it has; ValueError says why its table cannot be trusted."""
    size = os.fstat(descriptor).st_size
    head = _read(descriptor, 0, layout.HEADER_BYTES)
    alignment = layout.read_header(head)
    end = size - layout.FOOTER_BYTES
    footer = layout.read_footer(_read(descriptor, max(end, 0), layout.FOOTER_BYTES))
    if footer.table_offset > end:
        raise ValueError("the table does not lie where the footer says")
    data = _read(descriptor, footer.table_offset, end - footer.table_offset)
    if layout.table_digest(head, data, footer[:3]) != footer.digest or footer.digest.hex() != segment:
        raise ValueError("the table does not match its digest")
    table = layout.read_entries(data, footer, segment)
    _refuse_overlap(table.cells, alignment, footer.table_offset)
    return table


def cell_holds(descriptor: int, cell: CellRow) -> bool:
    """Whether the bytes in a file have the cell's digest."""
    return read_cell(descriptor, cell) is not None


def read_cell(descriptor: int, cell: CellRow) -> bytes | None:
    """The bytes of a cell, None where they do not have its digest."""
    data = read_stored(descriptor, cell)
    if cell.coding:
        try:
            data = decoded(data, cell.coding, cell.length)
        except ValueError:
            return None
    return data if len(data) == cell.length and xxh3_128(data) == cell.digest else None


def read_stored(descriptor: int, cell: CellRow) -> bytes:
    """The bytes of a file that hold a cell, in its coding and unchecked; fewer where the file is cut."""
    return _read(descriptor, cell.offset, cell.room)


def _refuse_overlap(cells: Sequence[CellRow], alignment: int, table_offset: int) -> None:
    end = layout.HEADER_BYTES
    for cell in cells:
        if cell.offset < end or cell.offset % alignment:
            raise ValueError("the table lists cells that overlap or are not aligned")
        end = cell.offset + cell.room
    if layout.table_offset(end) != table_offset:
        raise ValueError("the table does not follow the last cell")


def _stray_bytes(descriptor: int, cells: Sequence[CellRow]) -> list[str]:
    ends = [layout.HEADER_BYTES, *(cell.offset + cell.room for cell in cells)]
    starts = [*(cell.offset for cell in cells), layout.table_offset(ends[-1])]
    return [
        f"bytes between cells, after offset {end}, are not zero"
        for end, start in zip(ends, starts, strict=True)
        if any(_read(descriptor, end, start - end))
    ]


def _read(descriptor: int, offset: int, length: int) -> bytes:
    """``length`` bytes at ``offset``, fewer where the file ends sooner."""
    pieces = []
    while length > 0:
        piece = os.pread(descriptor, min(length, 1 << 24), offset)
        if not piece:
            break
        pieces.append(piece)
        offset += len(piece)
        length -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
