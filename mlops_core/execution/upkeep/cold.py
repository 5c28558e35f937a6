"""``store gc --compress``: pack the cells that no run has had for a while; loading unpacks them.

A packed cell goes where a compacted one would: into a new segment, then the index says so, then the old file
goes. So every moment is safe to be killed in, and a reader that looked it up before looks again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mlops_core.clock import SYSTEM, Clock
from mlops_core.engine.cells import CellRow
from mlops_core.execution.upkeep import compaction
from mlops_core.execution.upkeep.reach import Reach
from mlops_core.execution.upkeep.survey import survey
from mlops_core.locks.filelock import FileLock
from mlops_core.metadata import holdings
from mlops_core.metadata.damage import DamageLog
from mlops_core.workspace.workspace import Workspace


@dataclass(slots=True)
class Packed:
    """What was packed (or, in a dry run, would be tried): cells, their bytes, and what these take now."""

    cells: int = 0
    before: int = 0
    after: int = 0


def cold_cells(workspace: Workspace, unused_for: float, clock: Clock = SYSTEM) -> list[CellRow]:
    """The cells to pack, by segment and place in it. Changes nothing.

    No run has had a value that needs one for so many seconds, nobody uses it now, and its file is as old
    (that of one that was unpacked is new).
    """
    read, store = workspace.database.query, workspace.store
    seen = survey(read, Reach(workspace.database, store), store.upkeep().in_use())
    used, since = seen.in_use | holdings.used_by_running(read), clock.now() - unused_for
    warm = used.union(*(v.cells for v in seen.values.values() if v.used > since or v.digest in used))
    cells = [cell for cell in holdings.cell_rows(read, DamageLog()) if not cell.coding]
    old = {segment for segment, written in store.upkeep().written().items() if written <= since}
    return [cell for cell in cells if cell.segment in old and cell.digest not in warm]


def would_pack(workspace: Workspace, unused_for: float, clock: Clock = SYSTEM) -> Packed:
    """What packing would try. Changes nothing and takes no lock."""
    cells = cold_cells(workspace, unused_for, clock)
    return Packed(len(cells), sum(cell.length for cell in cells))


def pack(workspace: Workspace, unused_for: float, clock: Clock = SYSTEM) -> Packed:
    """Pack what is cold, and give back the room; one upkeep at a time in a state folder.

    What does not get smaller stays as it is. Raises StateNotWritable, OSError, DamagedState.
    """
    done = Packed()
    with FileLock(workspace.state_dir / "locks" / "gc"):
        for batch in _batches(cold_cells(workspace, unused_for, clock)):
            _pack(workspace, batch, done)
        compaction.compact(workspace, compaction.half_dead(workspace, None))
    return done


def _batches(cells: list[CellRow]) -> Iterator[list[CellRow]]:
    batch: list[CellRow] = []
    room = 0
    for cell in cells:
        batch.append(cell)
        room += cell.length
        if room >= compaction.BATCH:
            yield batch
            batch, room = [], 0
    if batch:
        yield batch


def _pack(workspace: Workspace, cells: list[CellRow], done: Packed) -> None:
    rewritten = workspace.store.upkeep().pack(cells)
    packed = {cell.digest: cell for cell in rewritten.written.cells}
    moved = [cell for cell in cells if cell.digest in packed]
    compaction.replace(workspace, rewritten, moved)
    done.cells += len(moved)
    done.before += sum(cell.length for cell in moved)
    done.after += sum(cell.stored for cell in packed.values())
