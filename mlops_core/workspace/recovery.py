"""After a damaged database was replaced: find again what the segments hold, and say what was lost."""

from pathlib import Path
from typing import TYPE_CHECKING

from mlops_core.engine.cells import SegmentRow
from mlops_core.metadata import cells
from mlops_core.metadata.cells import SqliteCellIndex
from mlops_core.metadata.salvage import Salvaged
from mlops_core.store import Written
from mlops_core.store.store import Store

if TYPE_CHECKING:
    from mlops_core.metadata.database import Database

#: No file has it: a segment is read and checked before its first use.
_UNSEEN = (0, 0, 0, 0)


def index_again(folder: Path, database: "Database") -> int:
    """Record the cells that the segments list and the index does not know; how many.

    Only the tables of the segments are read here. A segment whose table is damaged is left out.
    """
    index = SqliteCellIndex(database)
    store = Store(folder, index)
    count = 0
    for segment, size in sorted(store.upkeep().files().items()):
        try:
            listed = store.table(segment)
        except (ValueError, FileNotFoundError):
            continue
        known = index.find(listed.digests)
        lost = [cell for cell in listed.cells if cell.digest not in known]
        grown = [row for row in listed.grown if row.digest not in known]
        if lost or grown:
            with database.transaction() as tx:
                cells.add(tx, Written(SegmentRow(segment, size, _UNSEEN), lost, [], grown))
            count += len(lost) + len(grown)
    return count


def told(database: "Database", indexed: int = 0) -> str:
    """What happened, for people: where the damaged file is, what was kept, what was lost."""
    kept = database.salvaged or Salvaged()
    text = f"{database.path} was damaged and lies in {database.moved_aside} now. "
    if not kept.runs and not kept.records:
        text += "Nothing in it could be read: a fresh history begins, and steps run again."
    else:
        text += f"Kept: {kept.runs} runs and {kept.records} results that are whole."
        if kept.lost_runs or kept.lost_records:
            text += f" Lost: {kept.lost_runs} runs and {kept.lost_records} results; those steps run again."
    if indexed:
        text += f" The segments still hold {indexed} cells: values made of them need not be stored again."
    return text
