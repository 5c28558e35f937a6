"""``store verify``: read every byte of every segment and every sealed row, and name what is damaged."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from mlops_core.engine.cells import CellRow, SegmentRow
from mlops_core.errors import DamagedState
from mlops_core.execution.upkeep.reach import Reach, Reached
from mlops_core.execution.upkeep.survey import Value, parts_of, referred
from mlops_core.metadata import holdings, scrub, wal
from mlops_core.metadata.cells import TABLES
from mlops_core.metadata.damage import DamageLog
from mlops_core.metadata.holdings import Read
from mlops_core.metadata.scrub import DamagedRow
from mlops_core.store.check import SegmentCheck
from mlops_core.workspace.workspace import Workspace


class Fault(NamedTuple):
    """One finding. ``kind`` is ``segment row value database``; ``cells`` are those that it costs."""

    kind: str
    where: str
    what: str
    cells: frozenset[bytes] = frozenset()


@dataclass(slots=True)
class Scrubbed:
    """What was read and what was found. ``lost`` are the values that cannot be had any more; ``sound`` the
    segments that are as they were written, with all their cells; ``bad`` the others, with the right ones."""

    segments: int = 0
    cells: int = 0
    bytes: int = 0
    values: int = 0
    faults: list[Fault] = field(default_factory=list)
    rows: list[DamagedRow] = field(default_factory=list)
    lost: list[Value] = field(default_factory=list)
    sound: dict[str, tuple[SegmentRow, SegmentCheck]] = field(default_factory=dict)
    bad: dict[str, list[CellRow]] = field(default_factory=dict)


def scrub_store(workspace: Workspace) -> Scrubbed:
    """Check everything; changes nothing.

    Where the database itself is damaged, what it says is not asked for: the segments are checked alone.
    """
    found = Scrubbed()
    torn = wal.damage(workspace.database.path)
    if torn:
        found.faults.append(Fault("database", f"{workspace.database.path}-wal", torn))
    try:
        workspace.database.check()
    except DamagedState as damage:
        found.faults.append(Fault("database", workspace.database.path, damage.message))
        for segment in sorted(workspace.store.segments()):
            _faulty(segment, _segment(workspace, segment, [], found)[1], found)
        return found
    _rows(workspace, found)
    wrong = _segments(workspace, found)
    _values(workspace, found, wrong)
    return found


def _faulty(
    segment: str, faults: list[str], found: Scrubbed, damaged: frozenset[bytes] = frozenset()
) -> None:
    found.faults += [Fault("segment", f"objects/{segment}.segment", what, damaged) for what in faults]


def _rows(workspace: Workspace, found: Scrubbed) -> None:
    found.rows = scrub.damaged_rows(workspace.database.query)
    for row in found.rows:
        what = f"a row of {row.table} does not match its checksum" + (f": {row.about}" if row.about else "")
        cells = frozenset(row.key) if row.table in TABLES else frozenset[bytes]()
        found.faults.append(Fault("row", f"{row.table} {row.name}", what, cells))


def _segments(workspace: Workspace, found: Scrubbed) -> set[bytes]:
    """The cells that the index has and whose bytes are wrong or gone."""
    read, upkeep = workspace.database.query, workspace.store.upkeep()
    expected: dict[str, list[CellRow]] = {row.segment: [] for row in holdings.grown_rows(read, DamageLog())}
    for cell in holdings.cell_rows(read, DamageLog()):
        expected.setdefault(cell.segment, []).append(cell)
    wrong: set[bytes] = set()
    for segment in sorted(expected.keys() | upkeep.files().keys()):
        cells = expected.get(segment, [])
        damaged, faults = _segment(workspace, segment, cells, found)
        if faults:
            wrong |= damaged
            found.bad[segment] = [cell for cell in cells if cell.digest not in damaged]
            _faulty(segment, faults, found, damaged)
    return wrong


def _segment(
    workspace: Workspace, segment: str, cells: list[CellRow], found: Scrubbed
) -> tuple[frozenset[bytes], list[str]]:
    """The cells of the index that cannot be read from a segment, and what is wrong with the file."""
    store = workspace.store
    try:
        row, check = store.inspect(segment)
    except FileNotFoundError:
        return _gone(workspace, segment, cells)
    found.segments += 1
    found.bytes += row.size
    found.cells += len(check.cells)
    right = frozenset(cell for cell in check.cells if cell.digest not in check.damaged)
    unlisted = [cell for cell in cells if cell not in right]
    damaged = frozenset(cell.digest for cell in unlisted if not store.reads(cell))
    faults = list(check.faults)
    if not faults and damaged:
        faults = [f"the index places {len(damaged)} cells where the file has others"]
    if not faults:
        found.sound[segment] = (row, check)
    return damaged, faults


def _gone(workspace: Workspace, segment: str, cells: list[CellRow]) -> tuple[frozenset[bytes], list[str]]:
    """A file that is not there, unless upkeep has moved its cells since they were looked up."""
    still = holdings.cell_rows(workspace.database.query, DamageLog())
    gone = frozenset(cell.digest for cell in set(cells) & set(still))
    return gone, ["the file is gone"] if gone else []


def _values(workspace: Workspace, found: Scrubbed, wrong: set[bytes]) -> None:
    """Which values the damage costs: of each, whether its manifest is right and all its cells are."""
    read, reach = workspace.database.query, Reach(workspace.database, workspace.store)
    bad = wrong | {cell for fault in found.faults for cell in fault.cells}
    found.values = len(holdings.manifest_seals(read))
    lost = _incomplete(read, reach, bad)
    if lost:  # what was removed while this looked is no damage: damage is what two looks find
        again = _incomplete(read, reach, bad)
        lost = {digest: what for digest, what in again.items() if digest in lost}
    values = referred(read) if lost else {}
    for digest, (needed, missing) in lost.items():
        value = values.get(digest, Value(digest))
        value.type, value.cells, value.parts = needed.type, needed.cells, needed.parts
        value.fault = needed.fault or f"{len(missing)} of its {len(needed.cells)} cells are damaged or gone"
        found.lost.append(value)
        if needed.fault or missing - wrong:
            found.faults.append(Fault("value", digest.hex(), value.fault, missing))


def _incomplete(read: Read, reach: Reach, bad: set[bytes]) -> dict[bytes, tuple[Reached, frozenset[bytes]]]:
    """The values whose manifest is damaged, or of whose cells some are bad or not there: these cells."""
    seals = holdings.manifest_seals(read)
    known = {cell.digest for cell in holdings.cell_rows(read, DamageLog())}
    good = (known | holdings.small_cells(read).keys()) - bad
    good |= parts_of(holdings.grown_rows(read, DamageLog()), good).keys()
    found = {}
    for digest, seal in seals.items():
        needed = reach.of(digest, seal)
        missing = needed.cells - good
        if needed.fault or missing:
            found[digest] = (needed, missing)
    return found


def lost_results(values: Iterable[Value], lost: Iterable[Value]) -> dict[int, str]:
    """The records that must not be used any more, and why: their value or a file they restore is lost."""
    gone = {value.digest: value.fault for value in lost}
    reasons = {}
    for value in values:
        for result in value.results:
            for digest in (result.output, *result.restores):
                if digest in gone:
                    reasons[result.id] = f"damaged: {gone[digest]}"
    return reasons
