"""Reading cells that move to another segment, as they lie or packed on the way."""

import os
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from mlops_core.engine.cells import CellRow
from mlops_core.store.check import cell_holds, read_cell, read_stored
from mlops_core.store.coding import encoded
from mlops_core.store.places import Places

if TYPE_CHECKING:
    from concurrent.futures import Future

#: A cell as it is to be written, and the bytes; None where its bytes are damaged or gone.
Copy = tuple[CellRow, bytes] | None
#: For a cell that packing does not make smaller.
LEFT_OUT: tuple[CellRow, bytes] = (CellRow(b"", "", 0, 0), b"")
#: zstd lets go of the GIL. Few cells are ahead of the one that is written, to bound memory.
_THREADS = min(4, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)
_AHEAD = 4 * _THREADS


def packed(cells: Sequence[CellRow], opened: "OpenSegments") -> Iterator[Copy]:
    """Each cell packed, or ``LEFT_OUT``."""
    from concurrent.futures import (
        ThreadPoolExecutor,
    )  # cannot be imported while Python ends, as upkeep may be

    waiting: deque[Future[Copy]] = deque()
    with ThreadPoolExecutor(_THREADS) as pool:
        for cell in cells:
            waiting.append(pool.submit(_packed, opened.copy(cell)))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _packed(copy: Copy) -> Copy:
    if copy is None or copy[0].coding:
        return copy
    cell, data = copy
    stored, coding = encoded(data)
    return (cell._replace(stored=len(stored), coding=coding), stored) if coding else LEFT_OUT


class OpenSegments:
    """Segment files, opened one at a time: cells come segment by segment."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._segment = ""
        self._descriptor = -1

    def copy(self, cell: CellRow) -> Copy:
        """The cell and the bytes that it is stored in, once they were found right."""
        if cell.segment != self._segment:
            self._close()
            try:
                self._descriptor = os.open(self._places.segment(cell.segment), os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return None
            self._segment = cell.segment
        if cell.coding:
            return (cell, read_stored(self._descriptor, cell)) if cell_holds(self._descriptor, cell) else None
        data = read_cell(self._descriptor, cell)
        return None if data is None else (cell, data)

    def _close(self) -> None:
        self._segment = ""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> "OpenSegments":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
