"""What a writer asks of the store that it writes to."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Protocol

from mlops_core.engine.cells import CellRow, GrownRow, Part
from mlops_core.errors import DamagedState
from mlops_core.store.found import Found, Run, find, packed_rows, rows_by_segment
from mlops_core.store.growth import Candidate
from mlops_core.store.index import CellIndex
from mlops_core.store.trust import Trust


class Stock(Protocol):
    """The cells that need not be written again."""

    def knows(self, cell: bytes, /) -> bool:
        """Whether a cell may be stored: ``holds`` looks closer."""

    def holds(self, cell: bytes, /) -> bool:
        """Whether a cell is stored and right."""

    def lie(self, cells: Sequence[bytes], /) -> bool:
        """Whether all of them are stored and right, each in a file and in one piece."""

    def alike(self, head: int, /) -> Iterable[Candidate]:
        """A few cells that have a head, the newest first."""

    def read(self, cell: bytes, /) -> memoryview | bytes | None:
        """The bytes of a cell, None where they are not at hand."""


class NoStock:
    """For writers that write everything."""

    def knows(self, cell: bytes, /) -> bool:
        return False

    def holds(self, cell: bytes, /) -> bool:
        return False

    def lie(self, cells: Sequence[bytes], /) -> bool:
        return False

    def alike(self, head: int, /) -> Iterable[Candidate]:
        return ()

    def read(self, cell: bytes, /) -> memoryview | bytes | None:
        return None


class IndexedStock:
    """What an index knows and ``trust`` finds right; ``look`` gives memory over what it found."""

    def __init__(self, index: CellIndex, trust: Trust, look: Callable[[Sequence[Found]], memoryview]) -> None:
        self._index = index
        self._trust = trust
        self._look = look

    def knows(self, cell: bytes, /) -> bool:
        return cell in self._index.find([cell])

    def holds(self, cell: bytes, /) -> bool:
        try:
            return self._are_right(find(self._index, [cell]))
        except DamagedState:
            return False

    def lie(self, cells: Sequence[bytes], /) -> bool:
        rows = self._index.find(cells)
        found = [
            Found(digest, (Run(row, row.length),)) for digest, row in rows.items() if isinstance(row, CellRow)
        ]
        return len(found) == len(set(cells)) and self._are_right(found)

    def _are_right(self, found: Sequence[Found]) -> bool:
        return all(self._trust.hold(segment, rows) for segment, rows in rows_by_segment(found).items())

    def alike(self, head: int, /) -> Iterator[Candidate]:
        digests = self._index.alike(head)
        rows = self._index.find(digests) if digests else {}
        for digest in digests:
            row = rows.get(digest)
            if row is not None and not isinstance(row, bytes):
                parts = row.parts if isinstance(row, GrownRow) else (Part(digest, row.length),)
                yield Candidate(parts, partial(self.read, digest, row))

    def read(self, cell: bytes, row: GrownRow | CellRow | None = None, /) -> memoryview | bytes | None:
        """None for what is packed, too: a comparison is not worth unpacking it."""
        try:
            found = find(self._index, [cell], row)
            return None if packed_rows(found) else self._look(found)
        except DamagedState:
            return None
