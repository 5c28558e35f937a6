"""``store verify --repair``: keep what is right, set aside what is not; the next run makes the rest."""

import json
import os

from mlops_core.engine.cells import CellRow
from mlops_core.execution.upkeep.scrub import Scrubbed, lost_results, scrub_store
from mlops_core.execution.upkeep.survey import referred
from mlops_core.files.atomic import set_copy_aside, write_atomically
from mlops_core.locks.filelock import FileLock
from mlops_core.metadata import cells, holdings, removal, scrub, wal
from mlops_core.metadata.damage import DamageLog
from mlops_core.metadata.scrub import DamagedRow
from mlops_core.store import Written
from mlops_core.workspace.recovery import index_again
from mlops_core.workspace.workspace import Workspace


def repair_store(workspace: Workspace) -> tuple[Scrubbed, list[str]]:
    """Check everything and mend what was found; gives the findings and the files that were set aside.

    A database that SQLite finds damaged is replaced by one with the rows of it that are whole. Damaged rows
    are written to a file in ``damaged/`` and deleted, cells that sound segments still hold get their rows
    back, sound cells of damaged segments are copied, the damaged files are moved to ``damaged/``, and records
    whose value is lost are dropped with the reason.
    """
    with FileLock(workspace.state_dir / "locks" / "gc"):
        first = scrub_store(workspace)
        if not first.faults:
            return first, []
        aside = []
        found = first
        if any(fault.kind == "database" for fault in first.faults):
            aside += _rebuild(workspace)
            found = scrub_store(workspace)
        aside += _set_rows_aside(workspace, found.rows)
        _index_again(workspace, found)
        for segment, good in found.bad.items():
            aside += _replace(workspace, segment, good)
        _drop(workspace, scrub_store(workspace))
    return first, aside


def _rebuild(workspace: Workspace) -> list[str]:
    """Take what is whole of a damaged database over into a new one; where the damaged one lies now.

    Of a WAL that is damaged a copy is kept, and what is right in it goes into the database.
    """
    path = workspace.database.path
    kept = [set_copy_aside(f"{path}-wal", str(workspace.state_dir / "damaged"))] if wal.damage(path) else []
    workspace.database.rebuild()
    index_again(workspace.state_dir, workspace.database)
    if kept:
        workspace.database.checkpoint()
    moved = workspace.database.moved_aside
    return [*kept, *([moved] if moved is not None else [])]


def _set_rows_aside(workspace: Workspace, rows: list[DamagedRow]) -> list[str]:
    if not rows:
        return []
    folder = workspace.state_dir / "damaged"
    folder.mkdir(exist_ok=True)
    number = 1
    while (place := folder / f"rows.{number}.json").exists():
        number += 1
    plain = [{"table": row.table, "values": [repr(value) for value in row.values]} for row in rows]
    write_atomically(place, json.dumps(plain, indent=1).encode())
    with workspace.database.transaction() as tx:
        scrub.remove_rows(tx, rows)
    return [str(place)]


def _index_again(workspace: Workspace, found: Scrubbed) -> None:
    """Give cells back their rows where the row was lost and a sound segment has the cell."""
    known = {row.digest for row in holdings.listed_rows(workspace.database.query, DamageLog())}
    for segment, listed in found.sound.values():
        lost = [cell for cell in listed.cells if cell.digest not in known]
        grown = [row for row in listed.grown if row.digest not in known]
        if (lost or grown) and found.rows:
            with workspace.database.transaction() as tx:
                cells.add(tx, Written(segment, lost, [], grown))
            known |= {cell.digest for cell in lost} | {row.digest for row in grown}


def _replace(workspace: Workspace, segment: str, good: list[CellRow]) -> list[str]:
    """Copy the sound cells of a damaged segment into a new one and move the damaged file out of the way."""
    upkeep = workspace.store.upkeep()
    before = set(_damaged_files(workspace))
    rows = holdings.grown_rows(workspace.database.query, DamageLog())
    listed = [row for row in rows if row.segment == segment]
    rewritten = upkeep.rewrite(good, listed)
    with upkeep.alone():
        with workspace.database.transaction() as tx:
            moved = [cell for cell in good if cell.digest not in rewritten.damaged]
            removal.move_cells(tx, rewritten.written, [*moved, *listed])
            there = holdings.listed_rows(holdings.within(tx), DamageLog())
            left = [row for row in there if row.segment == segment]
            new = rewritten.written.segment
            if new is None or new.id != segment:  # else the writer has replaced the file itself
                removal.remove_cells(tx, [row.digest for row in left])
                removal.remove_empty_segments(tx, ())
        workspace.database.sync()
        if new is None or new.id != segment:
            upkeep.set_aside(segment)
    rewritten.writer.release()
    return sorted(set(_damaged_files(workspace)) - before)


def _damaged_files(workspace: Workspace) -> list[str]:
    folder = workspace.state_dir / "damaged"
    return [str(folder / name) for name in os.listdir(folder)] if folder.is_dir() else []


def _drop(workspace: Workspace, found: Scrubbed) -> None:
    """Take what is lost out of the records, so that the next run makes it again."""
    with workspace.database.transaction() as tx:
        values = referred(holdings.within(tx)).values()
        removal.drop_records(tx, lost_results(values, found.lost))
        removal.remove_artifacts(tx, [value.digest for value in found.lost])
