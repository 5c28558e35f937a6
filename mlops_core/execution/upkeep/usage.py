"""``store status``, step by step: values, the bytes that only they need, and those that they share."""

from collections import Counter
from typing import NamedTuple

from mlops_core.clock import SYSTEM, Clock
from mlops_core.execution.upkeep.choice import Rules, choose
from mlops_core.execution.upkeep.reach import Reach
from mlops_core.execution.upkeep.survey import Survey, Value, step_of, survey
from mlops_core.workspace.workspace import Workspace


class StepUsage(NamedTuple):
    """What the values of one step take, in bytes on disk. ``unique`` are cells that no other step's value
    needs, ``shared`` those that another one needs, too; ``gc_frees`` of the unique ones a collection would
    give back. Pipeline and step are empty for values that no record leads to."""

    pipeline: str
    step: str
    values: int
    unique: int
    shared: int
    gc_frees: int


class Usage(NamedTuple):
    """All steps, the largest first; ``gc_frees`` is what ``mlops store gc`` would give back in all."""

    steps: list[StepUsage]
    gc_frees: int


def usage(workspace: Workspace, clock: Clock = SYSTEM) -> Usage:
    """Who takes the room, and what a collection with the project's budget would free. Changes nothing.

    Raises DamagedState where the index is damaged.
    """
    in_use = workspace.store.upkeep().in_use()
    seen = survey(workspace.database.query, Reach(workspace.database, workspace.store), in_use)
    choice = choose(seen, Rules(budget=workspace.settings.store.budget), clock.now())
    by_step = _by_step(seen)
    cells = {key: frozenset[bytes]().union(*(v.cells for v in own)) for key, own in by_step.items()}
    steps_of = Counter(cell for own in cells.values() for cell in own)
    steps = []
    for key, own in cells.items():
        unique = {cell for cell in own if steps_of[cell] == 1}
        sizes = (seen.size(part) for part in (unique, own - unique, unique & choice.cells))
        steps.append(StepUsage(*key, len(by_step[key]), *sizes))
    return Usage(sorted(steps, key=lambda step: step.unique + step.shared, reverse=True), choice.freed)


def _by_step(seen: Survey) -> dict[tuple[str, str], list[Value]]:
    """A value that several steps gave counts to each of them."""
    by_step: dict[tuple[str, str], list[Value]] = {}
    for value in seen.values.values():
        for key in {step_of(result) for result in value.results} or {("", "")}:
            by_step.setdefault(key, []).append(value)
    return by_step
