"""Where a step executes: in this process, or in a worker process of its own (``workers``)."""

from collections.abc import Collection
from typing import Protocol

from mlops_core.execution.perform import Performer
from mlops_core.execution.task import Along, Performed, StepTask


class Pending(Protocol):
    """A step that was started, like a ``concurrent.futures.Future``."""

    def done(self) -> bool: ...
    def result(self) -> Performed: ...


class Executor(Protocol):
    """Takes tasks, hands back what is pending; ``free`` says whether one more may start.

    ``along`` is called in the transaction that records the result, where that is one of this process.
    """

    def free(self) -> bool: ...
    def submit(self, task: StepTask, along: Along) -> Pending: ...
    def wait(self, pending: Collection[Pending]) -> Collection[Pending]: ...
    def close(self) -> None: ...


class Done:
    """A step that has executed."""

    def __init__(self, performed: Performed) -> None:
        self._performed = performed

    def done(self) -> bool:
        return True

    def result(self) -> Performed:
        return self._performed


class InProcess:
    """Executes each step at once, in the calling thread."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer

    def free(self) -> bool:
        return True

    def submit(self, task: StepTask, along: Along) -> Pending:
        return Done(self._performer.perform(task, along))

    def wait(self, pending: Collection[Pending]) -> Collection[Pending]:
        return pending

    def close(self) -> None:
        return None
