"""Checking a segment file: its own table, every cell, and that nothing but zeros lies between them."""

import os
from collections.abc import Sequence
from typing import NamedTuple

from mlops_core.engine._hash import xxh3_128
from mlops_core.engine.cells import CellRow
from mlops_core.store import layout


class SegmentCheck(NamedTuple):
    """What a check found: ``cells`` of the table (none where it cannot be trusted), ``damaged`` digests among
    them, and ``faults``, a sentence each. A segment without faults is as it was written."""

    cells: tuple[CellRow, ...]
    damaged: frozenset[bytes]
    faults: tuple[str, ...]


def check_segment(descriptor: int, segment: str) -> SegmentCheck:
    """Read a whole segment; raises OSError only where the disk does."""
    try:
        cells = read_table(descriptor, segment)
    except ValueError as error:
        return SegmentCheck((), frozenset(), (str(error),))
    damaged = frozenset(cell.digest for cell in cells if not cell_holds(descriptor, cell))
    faults = [f"cell {digest.hex()} does not match its digest" for digest in sorted(damaged)]
    faults += _stray_bytes(descriptor, cells)
    return SegmentCheck(cells, damaged, tuple(faults))


def read_table(descriptor: int, segment: str) -> tuple[CellRow, ...]:
    """The cells that a segment says it has; ValueError says why its table cannot be trusted."""
    size = os.fstat(descriptor).st_size
    head = _read(descriptor, 0, layout.HEADER_BYTES)
    alignment = layout.read_header(head)
    end = size - layout.FOOTER_BYTES
    count, table_offset, digest = layout.read_footer(_read(descriptor, max(end, 0), layout.FOOTER_BYTES))
    if table_offset + count * layout.ENTRY_BYTES != end:
        raise ValueError("the table does not lie where the footer says")
    table = _read(descriptor, table_offset, count * layout.ENTRY_BYTES)
    if layout.table_digest(head, table, count, table_offset) != digest or digest.hex() != segment:
        raise ValueError("the table does not match its digest")
    cells = layout.read_entries(table, segment)
    _refuse_overlap(cells, alignment, table_offset)
    return cells


def cell_holds(descriptor: int, cell: CellRow) -> bool:
    """Whether the bytes of an extent have the cell's digest."""
    return read_cell(descriptor, cell) is not None


def read_cell(descriptor: int, cell: CellRow) -> bytes | None:
    """The bytes of an extent, None where they do not have the cell's digest."""
    data = _read(descriptor, cell.offset, cell.length)
    return data if len(data) == cell.length and xxh3_128(data) == cell.digest else None


def _refuse_overlap(cells: Sequence[CellRow], alignment: int, table_offset: int) -> None:
    end = layout.HEADER_BYTES
    for cell in cells:
        if cell.offset < end or cell.offset % alignment:
            raise ValueError("the table lists cells that overlap or are not aligned")
        end = cell.offset + cell.length
    if layout.table_offset(end) != table_offset:
        raise ValueError("the table does not follow the last cell")


def _stray_bytes(descriptor: int, cells: Sequence[CellRow]) -> list[str]:
    ends = [layout.HEADER_BYTES, *(cell.offset + cell.length for cell in cells)]
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
