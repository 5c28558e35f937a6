"""The cells of one batch, as far as they are written: where they lie in the file, and their bytes."""

from collections.abc import Iterator, Sequence

from mlops_core.engine.cells import CellRow, GrownRow, Part
from mlops_core.store import layout
from mlops_core.store.appender import Appender

#: Cells of fewer bytes than this are kept in the index: a page each in a file would waste most of it.
SMALL_CELL = 4096
Pieces = Sequence[memoryview | bytes]


class Batch:
    """What came so far. ``cells`` and ``grown`` do not know their segment before it has its name."""

    def __init__(self, alignment: int) -> None:
        self.cells: list[CellRow] = []
        self.grown: list[GrownRow] = []
        self.small: dict[bytes, bytes] = {}
        self.alignment = alignment
        self._rows: dict[bytes, CellRow] = {}
        self._begun: dict[int, list[tuple[Part, ...]]] = {}

    def __contains__(self, digest: bytes) -> bool:
        """Whether a cell is written as it is, large or small."""
        return digest in self._rows or digest in self.small

    def append(self, file: Appender, row: CellRow, pieces: Pieces) -> None:
        """Write a cell at the next place for one; ``row`` need not know it."""
        file.append([bytes(layout.padding(file.end, self.alignment))])
        row = row._replace(offset=file.end)
        self.cells.append(row)
        self._rows[row.digest] = row
        self._remember(row.head, (Part(row.digest, row.length),))
        file.append(pieces)

    def grow(self, row: GrownRow) -> None:
        """Add a cell whose parts are stored or in this batch."""
        self.grown.append(row)
        self._remember(row.head, row.parts)

    def begun(self, head: int) -> Iterator[tuple[Part, ...]]:
        """The parts of each cell of this batch that has this head, the newest first."""
        return reversed(self._begun.get(head, ()))

    def read(self, file: Appender, part: Part) -> bytes | None:
        """The bytes of a part that is in this batch, None where it is not."""
        row = self._rows.get(part.digest)
        return self.small.get(part.digest) if row is None else file.read(row.offset, part.length)

    def _remember(self, head: int, parts: tuple[Part, ...]) -> None:
        if head:
            self._begun.setdefault(head, []).append(parts)
