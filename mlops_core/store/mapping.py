"""Memory over cells: one stitched range for a list of them, or one map per segment for many single ones."""

import errno
import os
from collections.abc import Iterable, Sequence

from mlops_core.config.sizes import size_text
from mlops_core.engine._map import page_size, stitch
from mlops_core.engine.cells import CellRow
from mlops_core.store.found import Found, Run

Extent = tuple[int, int, int]


def one_range(cells: Sequence[Found], descriptors: dict[str, int], *, writable: bool) -> memoryview:
    """The cells' bytes one after another: read-only, or private copy-on-write where ``writable``."""
    runs = [run for cell in cells for run in cell.runs]
    if not runs:
        return memoryview(bytearray() if writable else b"")
    if len(runs) == 1 and isinstance(runs[0].place, bytes):
        data = runs[0].place[: runs[0].length]
        return memoryview(bytearray(data) if writable else data)
    return _stitched(runs, descriptors, writable)


def single_ranges(cells: Sequence[Found], descriptors: dict[str, int]) -> list[memoryview]:
    """Each cell by itself, read-only: over one map per segment, those that grew over one each."""
    maps = _segment_maps((cell.runs[0] for cell in cells if len(cell.runs) == 1), descriptors)
    return [_single(cell, maps, descriptors) for cell in cells]


def _single(cell: Found, maps: dict[str, tuple[memoryview, int]], descriptors: dict[str, int]) -> memoryview:
    if len(cell.runs) != 1:
        return _stitched(cell.runs, descriptors, writable=False)
    ((place, length),) = cell.runs
    if isinstance(place, bytes):
        return memoryview(place)[:length]
    view, start = maps[place.segment]
    return view[place.offset - start : place.offset - start + length]


def _segment_maps(runs: Iterable[Run], descriptors: dict[str, int]) -> dict[str, tuple[memoryview, int]]:
    """By segment: a map of all that is needed of it, and where in the file it begins."""
    ends: dict[str, tuple[int, int]] = {}
    for place, length in runs:
        if isinstance(place, CellRow):
            start, end = ends.get(place.segment, (place.offset, 0))
            ends[place.segment] = (min(start, place.offset), max(end, place.offset + length))
    return {
        segment: (_mapped([(descriptors[segment], start, end - start)], writable=False), start)
        for segment, (start, end) in ends.items()
    }


def _stitched(runs: Sequence[Run], descriptors: dict[str, int], writable: bool) -> memoryview:
    small = [run.place[: run.length] for run in runs if isinstance(run.place, bytes)]
    helper, offsets = _memory_file(small) if small else (-1, [])
    places = iter(offsets)
    try:
        extents: list[Extent] = [
            (helper, next(places), length)
            if isinstance(place, bytes)
            else (descriptors[place.segment], place.offset, length)
            for place, length in runs
        ]
        return _mapped(extents, writable)
    finally:
        if helper >= 0:
            os.close(helper)


def _mapped(extents: Sequence[Extent], writable: bool) -> memoryview:
    """The extents as one range. Raises MemoryError where there is no room for it in memory, OSError."""
    try:
        return memoryview(stitch(extents, writable))
    except OSError as error:
        if error.errno != errno.ENOMEM:
            raise
        wanted = size_text(sum(length for _, _, length in extents))
        raise MemoryError(
            f"no room in memory for {wanted} of stored values (a limit like ulimit -v, or vm.max_map_count)"
        ) from error


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
