"""What a run was asked for, beside the pipeline's own parameters."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlops_core.planning.selection import Selection

if TYPE_CHECKING:
    from mlops_core.execution.snapshots.watch import Watch


@dataclass(frozen=True, slots=True)
class RunOptions:
    """``jobs`` is the number of steps at once (above 1: a worker process each); names as on the command line.

    ``params_origin`` says where each parameter's value came from; ``target`` is what was typed. ``watch``
    takes down what the graph depends on, for a snapshot.
    """

    jobs: int = 1
    force: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    cache: bool = True
    params_origin: dict[str, str] = field(default_factory=dict)
    target: str = ""
    watch: "Watch | None" = None

    @property
    def selection(self) -> Selection:
        """The names as a selection."""
        return Selection(self.only, self.start, self.until, self.force)
