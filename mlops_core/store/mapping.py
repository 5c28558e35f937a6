"""Memory over cells: one stitched range for a list of them, or one map per segment for many single ones."""

import os
from collections.abc import Sequence

from mlops_core.engine._map import page_size, stitch
from mlops_core.engine.cells import CellRow

#: A cell as it was found: its extent, or its bytes where the index keeps them.
Found = CellRow | bytes


def one_range(cells: Sequence[Found], descriptors: dict[str, int], *, writable: bool) -> memoryview:
    """The cells' bytes one after another: read-only, or private copy-on-write where ``writable``."""
    if not cells:
        return memoryview(bytearray() if writable else b"")
    if len(cells) == 1 and isinstance(cells[0], bytes):
        return memoryview(bytearray(cells[0]) if writable else cells[0])
    small = [cell for cell in cells if isinstance(cell, bytes)]
    helper, offsets = _memory_file(small) if small else (-1, [])
    places = iter(offsets)
    try:
        extents = [
            (helper, next(places), len(cell))
            if isinstance(cell, bytes)
            else (descriptors[cell.segment], cell.offset, cell.length)
            for cell in cells
        ]
        return memoryview(stitch(extents, writable))
    finally:
        if helper >= 0:
            os.close(helper)


def single_ranges(cells: Sequence[Found], descriptors: dict[str, int]) -> list[memoryview]:
    """Each cell by itself, read-only, over one map per segment."""
    maps: dict[str, tuple[memoryview, int]] = {}
    for segment, descriptor in descriptors.items():
        rows = [cell for cell in cells if isinstance(cell, CellRow) and cell.segment == segment]
        start = min(row.offset for row in rows)
        end = max(row.offset + row.length for row in rows)
        maps[segment] = (memoryview(stitch([(descriptor, start, end - start)])), start)
    return [
        memoryview(cell) if isinstance(cell, bytes) else _slice(cell, *maps[cell.segment]) for cell in cells
    ]


def _slice(cell: CellRow, view: memoryview, start: int) -> memoryview:
    return view[cell.offset - start : cell.offset - start + cell.length]


def _memory_file(pieces: Sequence[bytes]) -> tuple[int, list[int]]:
    """``(descriptor, offsets)`` of a file in memory with each piece on a page of its own.

    The short last cell of an array lies in the index: as a file it can be mapped behind the large ones, and
    those need not be copied for its sake.
    """
    descriptor = os.memfd_create("mlops-small-cells")
    offsets = []
    offset = 0
    for piece in pieces:
        os.pwrite(descriptor, piece, offset)
        offsets.append(offset)
        offset += -(-len(piece) // page_size()) * page_size()
    return descriptor, offsets
