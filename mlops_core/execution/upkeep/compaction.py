"""Writing segments anew of which little is still needed, so that the room of the rest comes back."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mlops_core.engine.cells import CellRow, GrownRow
from mlops_core.metadata import holdings, removal
from mlops_core.metadata.damage import DamageLog
from mlops_core.store.layout import ALIGNMENT, PACKED_ALIGNMENT, segment_bytes
from mlops_core.store.upkeep import Rewritten
from mlops_core.workspace.workspace import Workspace

#: A segment of which less than this part is needed is written anew.
_WORTHWHILE = 0.5
#: Bytes of cells that are copied into one new segment: it needs that much room before the old ones go.
BATCH = 256 << 20


class HalfDead(NamedTuple):
    """A segment with what is still needed of it; ``dead`` bytes of its file would come back.

    A cell of which another one needs the beginning is needed.
    """

    id: str
    cells: list[CellRow]
    grown: list[GrownRow]
    size: int
    dead: int

    @property
    def packed(self) -> bool:
        """Whether there are packed cells in it: what is written anew of it then is packed."""
        return any(cell.coding for cell in self.cells)

    @property
    def rows(self) -> list[CellRow | GrownRow]:
        return [*self.cells, *self.grown]


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
    read, damage = workspace.database.query, DamageLog()
    cells: dict[str, list[CellRow]] = {}
    for cell in holdings.cell_rows(read, damage):
        cells.setdefault(cell.segment, []).append(cell)
    grown: dict[str, list[GrownRow]] = {}
    for row in holdings.grown_rows(read, damage):
        grown.setdefault(row.segment, []).append(row)
    listed = cells.keys() | grown.keys()
    return [_half_dead(id, cells.get(id, []), grown.get(id, []), files[id]) for id in listed if files.get(id)]


def _half_dead(id: str, cells: list[CellRow], grown: list[GrownRow], size: int) -> HalfDead:
    alignment = PACKED_ALIGNMENT if any(cell.coding for cell in cells) else ALIGNMENT
    needed = segment_bytes([cell.room for cell in cells], alignment, [len(row.parts) for row in grown])
    return HalfDead(id, cells, grown, size, size - needed)


def compact(workspace: Workspace, segments: list[HalfDead]) -> int:
    """Write segments anew, a batch at a time; gives how many went.

    A reader that has the old file open keeps it; one that looks it up finds the new place. A segment in
    which damage is found stays as it is, for ``store verify`` to name.
    """
    plain = [segment for segment in segments if not segment.packed]
    packed = [segment for segment in segments if segment.packed]
    return sum(_compact(workspace, batch) for kind in (plain, packed) for batch in _batches(kind))


def _batches(segments: list[HalfDead]) -> Iterator[list[HalfDead]]:
    batch: list[HalfDead] = []
    for segment in segments:
        batch.append(segment)
        if sum(one.size - one.dead for one in batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _compact(workspace: Workspace, segments: list[HalfDead]) -> int:
    cells = [cell for segment in segments for cell in segment.cells]
    grown = [row for segment in segments for row in segment.grown]
    rewritten = workspace.store.upkeep().rewrite(cells, grown)
    sound = [s for s in segments if not any(cell.digest in rewritten.damaged for cell in s.cells)]
    replace(workspace, rewritten, [row for segment in sound for row in segment.rows])
    return len(sound)


def replace(workspace: Workspace, rewritten: Rewritten, moved: Sequence[CellRow | GrownRow]) -> None:
    """Let the index say that what was written anew lies there, and remove the files that hold nothing now."""
    if moved:
        with workspace.store.upkeep().alone() as in_use:
            with workspace.database.transaction() as tx:
                removal.move_cells(tx, rewritten.written, moved)
                removal.remove_empty_segments(tx, {digest.hex() for digest in in_use})
            sweep(workspace, in_use)
    rewritten.writer.release()


def sweep(workspace: Workspace, in_use: set[bytes]) -> int:
    """Remove the files of segments that hold nothing and that nobody is about to record; bytes freed.

    Called while everybody is kept out. What is committed is on the disk first: else a power cut could bring
    back rows of files that are gone.
    """
    upkeep = workspace.store.upkeep()
    rows = holdings.listed_rows(workspace.database.query, DamageLog())
    keep = {row.segment for row in rows} | {digest.hex() for digest in in_use}
    if upkeep.files().keys() <= keep:
        return 0
    workspace.database.sync()
    return sum(upkeep.sweep(keep).values())
