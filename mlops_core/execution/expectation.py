"""What a step is expected to take, from its past executions."""

from typing import NamedTuple

from mlops_core.metadata import artifacts, step_runs
from mlops_core.metadata.database import Database
from mlops_core.metadata.step_runs import StepRunRow
from mlops_core.pipelines.node import Node
from mlops_core.planning.decide import label

_EXECUTIONS = 10
_ITEMS = 10_000  # of a map whose length is not known yet


class Expected(NamedTuple):
    """Seconds, peak memory in bytes, and bytes that its result adds to the store; None without history."""

    seconds: float | None = None
    memory: int | None = None
    stored: int | None = None


def expected(database: Database, node: Node, name: str) -> Expected:
    """What the step run ``name`` of a node is expected to take; ``name`` may be that of a map's item.

    Of times and of stored bytes the lower median, of memory the most: a forecast of the disk refuses runs,
    so it errs on the side of letting them start.
    """
    past = step_runs.history(database, label(node), _EXECUTIONS)
    if not past:
        return Expected()
    seconds = sorted(row.seconds or 0.0 for row in past)[len(past) // 2]
    memory = max((row.peak_memory for row in past if row.peak_memory), default=None)
    if node.mapped and name == node.name:
        past = _items_of_newest(database, node)
        return Expected(seconds, memory, sum(_stored(database, row) for row in past))
    stored = sorted(_stored(database, row) for row in past)
    return Expected(seconds, memory, stored[(len(stored) - 1) // 2])


def _items_of_newest(database: Database, node: Node) -> list[StepRunRow]:
    """The executions of the newest run that executed items of the map: as many are expected again."""
    past = step_runs.history(database, label(node), _ITEMS)
    return [row for row in past if row.run_id == past[0].run_id]


def _stored(database: Database, row: StepRunRow) -> int:
    """What an execution added; the size of its value where that was not recorded."""
    if row.stored is not None:
        return row.stored
    artifact = artifacts.find(database, row.output) if row.output is not None else None
    return artifact.nbytes if artifact else 0
