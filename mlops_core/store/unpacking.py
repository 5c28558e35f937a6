"""Unpacking cells: into a new segment, or into memory where none can be written."""

from collections.abc import Mapping, Sequence

from mlops_core.engine.cells import CellRow
from mlops_core.files.layer import FileLayer
from mlops_core.store.check import read_cell
from mlops_core.store.found import Found, Run
from mlops_core.store.index import CellIndex
from mlops_core.store.places import Places
from mlops_core.store.stock import NoStock
from mlops_core.store.trust import damage_of
from mlops_core.store.writer import SegmentWriter


def unpack(
    rows: Sequence[CellRow],
    descriptors: Mapping[str, int],
    places: Places,
    index: CellIndex,
    layer: FileLayer,
) -> bool:
    """Write packed cells as they are into a new segment and let the index say that they lie there.

    False where the disk or the index takes nothing. Who is killed in between leaves a file that nothing
    refers to; two that unpack the same cells write the same file. Raises DamagedState.
    """
    if index.readonly:
        return False
    try:
        places.make()
        with SegmentWriter(places, NoStock(), layer) as writer:
            for row in rows:
                writer.add_row(row._replace(stored=0, coding=0), _content(row, descriptors, index))
            index.moved(writer.commit())
            writer.release()
    except OSError:  # a full disk, or one that may only be read: memory will do
        return False
    return True


def in_memory(found: Sequence[Found], descriptors: Mapping[str, int], index: CellIndex) -> list[Found]:
    """The same cells with the bytes of packed ones in place of their rows. Raises DamagedState."""
    contents: dict[CellRow, bytes] = {}

    def run_of(run: Run) -> Run:
        place = run.place
        if isinstance(place, bytes) or not place.coding:
            return run
        if place not in contents:
            contents[place] = _content(place, descriptors, index)
        return Run(contents[place], run.length)

    return [Found(cell.digest, tuple(map(run_of, cell.runs))) for cell in found]


def _content(row: CellRow, descriptors: Mapping[str, int], index: CellIndex) -> bytes:
    data = read_cell(descriptors[row.segment], row)
    if data is None:
        index.forget([row.digest], row.segment)
        raise damage_of(row)
    return data
