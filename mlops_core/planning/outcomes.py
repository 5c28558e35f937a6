"""What became of the steps decided so far: the values that later steps' arguments are made of."""

from dataclasses import dataclass

from mlops_core.formats.artifact import Artifact

VALUE, SKIPPED, BLOCKED, UNKNOWN = "value", "skipped", "blocked", "unknown"


@dataclass(slots=True)
class Outcome:
    """A step's result: ``state`` and, for a value, its artifact; for a map, one outcome an item.

    ``because`` is a sentence for the states without a value.
    """

    state: str
    artifact: Artifact | None = None
    items: "list[Outcome] | None" = None
    because: str = ""


class Unavailable(Exception):  # noqa: N818 - control flow, never shown: the outcome says why
    """A value that cannot be had: it was skipped, is blocked, or not known yet."""

    def __init__(self, state: str, because: str) -> None:
        super().__init__(because)
        self.state = state
        self.because = because
