"""``store gc``: choose what goes, take it out of the database, then remove and compact files.

The order makes every moment safe to be killed in: until the transaction commits nothing has changed, after it
a file that nothing refers to is left at worst, and the next upkeep removes it.
"""

from dataclasses import dataclass, field

from mlops_core.clock import SYSTEM, Clock
from mlops_core.errors import DiskFull
from mlops_core.execution.upkeep import compaction, copies
from mlops_core.execution.upkeep.choice import Choice, Rules, choose
from mlops_core.execution.upkeep.reach import Reach
from mlops_core.execution.upkeep.survey import Survey, Value, survey
from mlops_core.files.atomic import discard
from mlops_core.files.leftovers import half_done
from mlops_core.files.space import free_bytes
from mlops_core.locks.filelock import FileLock
from mlops_core.metadata import holdings, removal
from mlops_core.workspace.workspace import Workspace

REASON = "removed by gc"
#: The files are a little larger than the cells in them: what is still too much is chosen in another round.
_ROUNDS = 3


@dataclass(slots=True)
class Collected:
    """What a collection removed (or, in a dry run, would remove); bytes are those of the segment files and
    small cells. ``protected`` is what may not go: the values in use and of the newest succeeded runs."""

    before: int
    after: int
    protected: int
    compacted: int = 0
    values: list[tuple[Value, str]] = field(default_factory=list)

    @property
    def freed(self) -> int:
        """Bytes that came back, or would."""
        return max(self.before - self.after, 0)


def forecast(workspace: Workspace, rules: Rules, clock: Clock = SYSTEM) -> Collected:
    """What a collection would do now. Changes nothing and takes no lock."""
    read, store = workspace.database.query, workspace.store
    seen = survey(read, Reach(workspace.database, store), store.upkeep().in_use())
    choice = choose(seen, rules, clock.now())
    found = Collected(occupied(workspace), choice.left, _protected(seen))
    found.values = _listed(seen, choice)
    return found


def collect(workspace: Workspace, rules: Rules, clock: Clock = SYSTEM) -> Collected:
    """Remove what the rules say and what nothing refers to; one collection at a time in a state folder.

    Runs go on meanwhile: they wait only while the database is changed. Raises StateNotWritable, OSError.
    """
    with FileLock(workspace.state_dir / "locks" / "gc"):
        try:
            return _collect(workspace, rules, clock)
        except DiskFull:
            if not _free_a_little(workspace):
                raise
            return _collect(workspace, rules, clock)


def _free_a_little(workspace: Workspace) -> bool:
    """Remove what needs no transaction: on a full disk the database cannot even note what is to go."""
    before = free_bytes(workspace.state_dir)
    with workspace.store.upkeep().alone() as in_use:
        compaction.sweep(workspace, in_use)
    workspace.stat_cache.discard()
    return free_bytes(workspace.state_dir) > before


def remove_copies(workspace: Workspace) -> None:
    """Remove the copies of stored files that were handed out, where no run goes on that may use them."""
    with FileLock(workspace.state_dir / "locks" / "gc"):
        with workspace.database.transaction() as tx:
            copies.take_away(workspace, holdings.within(tx))
        copies.remove_taken(workspace)


def _collect(workspace: Workspace, rules: Rules, clock: Clock) -> Collected:
    for path in half_done(workspace.state_dir, clock):
        discard(path)
    result = Collected(occupied(workspace), 0, 0)
    reach = Reach(workspace.database, workspace.store)
    survey(workspace.database.query, reach, ())  # reads the manifests while nobody has to wait
    budget = rules.budget
    for _ in range(_ROUNDS):
        _round(workspace, rules._replace(budget=budget), reach, clock, result)
        result.after = occupied(workspace)
        if rules.budget is None or budget is None or result.after <= rules.budget:
            break
        budget = max(budget - (result.after - rules.budget), 0)
    return result


def _round(workspace: Workspace, rules: Rules, reach: Reach, clock: Clock, result: Collected) -> None:
    with workspace.store.upkeep().alone() as in_use:
        with workspace.database.transaction() as tx:
            seen = survey(holdings.within(tx), reach, in_use)
            choice = choose(seen, rules, clock.now())
            reasons = {
                record.id: _reason(seen.values[digest]) for digest in choice.gone
                for record in seen.values[digest].results
            }  # fmt: skip
            removal.drop_records(tx, reasons)
            removal.remove_artifacts(tx, choice.artifacts)
            removal.remove_cells(tx, choice.cells)
            removal.remove_empty_segments(tx, {digest.hex() for digest in in_use})
        compaction.sweep(workspace, in_use)
    result.values += _listed(seen, choice)
    result.protected = _protected(seen)
    result.compacted += compaction.compact(workspace, compaction.half_dead(workspace, rules.budget))


def occupied(workspace: Workspace) -> int:
    """Bytes of all segment files, and of the small cells in the database."""
    files = workspace.store.upkeep().files()
    return sum(files.values()) + sum(holdings.small_cells(workspace.database.query).values())


def _reason(value: Value) -> str:
    return f"{REASON}: {value.fault}" if value.fault else REASON


def _listed(seen: Survey, choice: Choice) -> list[tuple[Value, str]]:
    return [(seen.values[digest], why) for digest, why in choice.gone.items()]


def _protected(seen: Survey) -> int:
    kept: set[bytes] = set(seen.in_use)
    for value in seen.values.values():
        if value.protected:
            kept |= value.cells
    return seen.size(kept)
