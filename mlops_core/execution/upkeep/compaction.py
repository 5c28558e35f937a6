"""Writing segments anew of which little is still needed, so that the room of the rest comes back."""

from typing import NamedTuple

from mlops_core.engine.cells import CellRow
from mlops_core.metadata import holdings, removal
from mlops_core.metadata.damage import DamageLog
from mlops_core.store.layout import segment_bytes
from mlops_core.workspace.workspace import Workspace

#: A segment of which less than this part is needed is written anew.
_WORTHWHILE = 0.5
#: Bytes of cells that are copied into one new segment: it needs that much room before the old ones go.
_BATCH = 256 << 20


class HalfDead(NamedTuple):
    """A segment with the cells that are still needed; ``dead`` bytes of its file would come back."""

    id: str
    cells: list[CellRow]
    size: int
    dead: int


def half_dead(workspace: Workspace, budget: int | None) -> list[HalfDead]:
    """The segments to write anew: the half-dead ones and, while the files exceed a budget, the next worst."""
    files = workspace.store.upkeep().files()
    found = _measured(workspace, files)
    too_much = sum(files.values()) - budget if budget is not None else 0
    chosen = []
    for segment in sorted(found, key=lambda s: s.dead / s.size, reverse=True):
        is_worth_it = segment.dead >= segment.size * _WORTHWHILE
        if is_worth_it or (too_much > 0 and segment.dead > 0):
            chosen.append(segment)
            too_much -= segment.dead
    return chosen


def _measured(workspace: Workspace, files: dict[str, int]) -> list[HalfDead]:
    by_segment: dict[str, list[CellRow]] = {}
    for cell in holdings.cell_rows(workspace.database.query, DamageLog()):
        by_segment.setdefault(cell.segment, []).append(cell)
    return [
        HalfDead(id, cells, files[id], files[id] - segment_bytes([cell.length for cell in cells]))
        for id, cells in by_segment.items()
        if files.get(id)
    ]


def compact(workspace: Workspace, segments: list[HalfDead]) -> int:
    """Write segments anew, a batch at a time; gives how many went.

    A reader that has the old file open keeps it; one that looks it up finds the new place. A segment in
    which damage is found stays as it is, for ``store verify`` to name.
    """
    count = 0
    batch: list[HalfDead] = []
    for segment in segments:
        batch.append(segment)
        if sum(one.size - one.dead for one in batch) >= _BATCH:
            count += _compact(workspace, batch)
            batch = []
    return count + (_compact(workspace, batch) if batch else 0)


def _compact(workspace: Workspace, segments: list[HalfDead]) -> int:
    upkeep = workspace.store.upkeep()
    cells = [cell for segment in segments for cell in segment.cells]
    rewritten = upkeep.rewrite(cells)
    sound = [s for s in segments if not any(cell.digest in rewritten.damaged for cell in s.cells)]
    moved = [cell for segment in sound for cell in segment.cells]
    if not moved:
        rewritten.writer.release()
        return 0
    with upkeep.alone() as in_use:
        with workspace.database.transaction() as tx:
            removal.move_cells(tx, rewritten.written, moved)
            removal.remove_empty_segments(tx, {digest.hex() for digest in in_use})
        sweep(workspace, in_use)
    rewritten.writer.release()
    return len(sound)


def sweep(workspace: Workspace, in_use: set[bytes]) -> int:
    """Remove the files of segments that hold nothing and that nobody is about to record; bytes freed.

    Called while everybody is kept out. What is committed is on the disk first: else a power cut could bring
    back rows of files that are gone.
    """
    upkeep = workspace.store.upkeep()
    holding = {cell.segment for cell in holdings.cell_rows(workspace.database.query, DamageLog())}
    keep = holding | {digest.hex() for digest in in_use}
    if upkeep.files().keys() <= keep:
        return 0
    workspace.database.sync()
    return sum(upkeep.sweep(keep).values())
