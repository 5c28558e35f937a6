"""Where lists of cells were last found, so that a value used again and again is not looked up each time."""

from collections.abc import Sequence
from typing import NamedTuple

from mlops_core.engine.cells import CellRow
from mlops_core.store.found import Found
from mlops_core.store.trust import Signature

_MOST_CELLS = 20_000


class Sighting(NamedTuple):
    """Cells as they were found, and the stat signatures that their segments had at that time.

    Segments are never changed: as long as the signatures are the same, the cells are there and right,
    whatever the index says by now. ``packed`` are the rows among them that cannot be mapped.
    """

    found: list[Found]
    signatures: dict[str, Signature]
    packed: list[CellRow]


class Recent:
    """The latest sightings of one process."""

    def __init__(self) -> None:
        self._sightings: dict[tuple[bytes, ...], Sighting] = {}
        self._cells = 0

    def get(self, cells: Sequence[bytes]) -> Sighting | None:
        """The sighting of exactly these cells."""
        return self._sightings.get(tuple(cells))

    def keep(self, cells: Sequence[bytes], sighting: Sighting) -> None:
        """Remember a sighting; where it gets too much, all earlier ones are dropped."""
        self._cells += len(cells)
        if self._cells > _MOST_CELLS:
            self._sightings, self._cells = {}, len(cells)
        self._sightings[tuple(cells)] = sighting
