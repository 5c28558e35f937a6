"""What the store needs to know about where cells lie; the metadata room keeps it."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from mlops_core.engine.cells import CellRow, GrownRow, SegmentRow
from mlops_core.store.written import Written


class CellIndex(Protocol):
    """Digest of a cell -> where its bytes are."""

    def find(self, cells: Sequence[bytes], /) -> dict[bytes, CellRow | GrownRow | bytes]:
        """The place of each known cell, its parts, or the bytes of a small one; unknown ones are left out."""

    def alike(self, head: int, /) -> list[bytes]:
        """A few of the cells that have this head, the newest first."""

    def segment(self, segment: str, /) -> SegmentRow:
        """The row of a segment; LookupError where it is unknown."""

    @property
    def readonly(self) -> bool:
        """Whether nothing can be recorded."""

    def moved(self, written: Written, /) -> None:
        """Record that cells lie in a new segment now."""

    def verified(self, segment: str, signature: tuple[int, int, int, int], /) -> None:
        """Note that every cell the index still has in the segment was read and found right."""

    def forget(self, cells: Iterable[bytes], segment: str | None = None, /) -> None:
        """Take damaged cells out, so that the next value that needs them is written anew.

        With ``segment`` only those that are still said to lie there: upkeep may just have moved the others.
        """
