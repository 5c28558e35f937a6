"""The decision about one step run."""

from dataclasses import dataclass

from mlops_core.metadata.records import RecordRow
from mlops_core.planning.keys import StepKey
from mlops_core.planning.reasons import Reason, sentence

CACHED, RUN, SKIP, UNKNOWN = "cached", "run", "skip", "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``cached`` (``record`` holds the value to reuse), ``run``, ``skip`` or ``unknown``, and why.

    ``unknown`` stands in plans alone: the step's inputs are known only when upstream has run.
    ``key`` is None where the step has no key (it cannot be fingerprinted, or was not decided).
    """

    word: str
    reasons: tuple[Reason, ...]
    key: StepKey | None = None
    record: RecordRow | None = None

    @property
    def reason(self) -> str:
        """The reasons as one sentence."""
        return sentence(self.reasons)
