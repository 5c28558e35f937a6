"""What a batch of cells added to the store."""

from collections.abc import Sequence
from typing import NamedTuple

from mlops_core.engine.cells import CellRow, GrownRow, SegmentRow


class Written(NamedTuple):
    """What a batch added, to be recorded in one transaction with what needs it.

    ``segment`` is None where nothing new came but small cells; ``small`` are pairs of digest and bytes,
    ``grown`` the cells that are put together from others.
    """

    segment: SegmentRow | None
    cells: list[CellRow]
    small: list[tuple[bytes, bytes]]
    grown: Sequence[GrownRow] = ()

    @property
    def nbytes(self) -> int:
        """Bytes that the batch takes on disk."""
        return (self.segment.size if self.segment else 0) + sum(len(data) for _, data in self.small)
