"""What the store needs to know about where cells lie; the metadata room keeps it."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from mlops_core.engine.cells import CellRow, SegmentRow


class CellIndex(Protocol):
    """Digest of a cell -> where its bytes are."""

    def find(self, cells: Sequence[bytes], /) -> dict[bytes, CellRow | bytes]:
        """The extent of each known cell, or the bytes of a small one; unknown ones are left out."""

    def segment(self, segment: str, /) -> SegmentRow:
        """The row of a segment; LookupError where it is unknown."""

    def verified(self, segment: str, signature: tuple[int, int, int, int], /) -> None:
        """Note that every cell the index still has in the segment was read and found right."""

    def forget(self, cells: Iterable[bytes], segment: str | None = None, /) -> None:
        """Take damaged cells out, so that the next value that needs them is written anew.

        With ``segment`` only those that are still said to lie there: upkeep may just have moved the others.
        """
