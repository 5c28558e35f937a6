"""Cells as the index finds them, and what must be read to have their bytes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from mlops_core.engine._hash import xxh3_128
from mlops_core.engine.cells import CellRow, GrownRow
from mlops_core.errors import DamagedState, MissingCell
from mlops_core.store.index import CellIndex
from mlops_core.store.trust import HINT

#: Where bytes are: in a file, or (small and unpacked ones) here.
Place = CellRow | bytes


class Run(NamedTuple):
    """The first ``length`` bytes of what lies at a place."""

    place: Place
    length: int


class Found(NamedTuple):
    """A cell: its bytes are those of the runs, one after another. One that did not grow has one."""

    digest: bytes
    runs: tuple[Run, ...]


def find(index: CellIndex, cells: Sequence[bytes], row: GrownRow | CellRow | None = None) -> list[Found]:
    """Each of the cells; ``row`` is that of the one that is asked for, where it is known already.

    Raises MissingCell, DamagedState (attributes ``cell``, ``segment``).
    """
    wanted = list(dict.fromkeys(cells))
    known: dict[bytes, CellRow | GrownRow | bytes] = index.find(wanted) if row is None else {row.digest: row}
    parts = {part.digest for row in known.values() if isinstance(row, GrownRow) for part in row.parts}
    if parts - known.keys():
        known = {**index.find(list(parts - known.keys())), **known}
    found = {cell: Found(cell, tuple(_runs(index, cell, known))) for cell in wanted}
    return [found[cell] for cell in cells]


def rows_by_segment(found: Iterable[Found]) -> dict[str, list[CellRow]]:
    """Every row that is needed, by its segment."""
    needed: dict[str, dict[CellRow, None]] = {}
    for cell in found:
        for place, _ in cell.runs:
            if isinstance(place, CellRow):
                needed.setdefault(place.segment, {})[place] = None
    return {segment: list(rows) for segment, rows in needed.items()}


def packed_rows(found: Iterable[Found]) -> list[CellRow]:
    """The rows whose bytes lie packed, each once."""
    rows = {
        place: None for cell in found for place, _ in cell.runs if isinstance(place, CellRow) and place.coding
    }
    return list(rows)


def _runs(index: CellIndex, cell: bytes, known: Mapping[bytes, CellRow | GrownRow | bytes]) -> Iterator[Run]:
    row = known.get(cell)
    if isinstance(row, GrownRow):
        for part in row.parts:
            yield Run(_place(index, part.digest, known.get(part.digest)), part.length)
    else:
        place = _place(index, cell, row)
        yield Run(place, place.length if isinstance(place, CellRow) else len(place))


def _place(index: CellIndex, cell: bytes, row: CellRow | GrownRow | bytes | None) -> Place:
    if row is None or isinstance(row, GrownRow):
        raise MissingCell(
            f"the cell {cell.hex()} is not in the store",
            hint="it is written anew by the next run that needs it",
            cell=cell,
            segment=None,
        )
    if isinstance(row, bytes) and xxh3_128(row) != cell:
        index.forget([cell])
        raise DamagedState(
            f"the small cell {cell.hex()} is damaged: its bytes have another digest",
            hint=HINT,
            cell=cell,
            segment=None,
        )
    return row
