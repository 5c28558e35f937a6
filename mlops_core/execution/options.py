"""What a run was asked for, beside the pipeline's own parameters."""

from dataclasses import dataclass, field

from mlops_core.planning.selection import Selection


@dataclass(frozen=True, slots=True)
class RunOptions:
    """``jobs`` is the number of steps at once (above 1: a worker process each); names as on the command line.

    ``params_origin`` says where each parameter's value came from; ``target`` is what the user typed.
    """

    jobs: int = 1
    force: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    cache: bool = True
    params_origin: dict[str, str] = field(default_factory=dict)
    target: str = ""

    @property
    def selection(self) -> Selection:
        """The names as a selection."""
        return Selection(self.only, self.start, self.until, self.force)
