"""What a run did: ``Run`` and its step runs, for the run that just ended and for those recorded."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_core.errors import StepNotFound
from mlops_core.execution.finite import finite

WAITING, RUNNING = "waiting", "running"
RAN, CACHED, SKIPPED, FAILED, BLOCKED, CANCELLED = (
    "ran",
    "cached",
    "skipped",
    "failed",
    "blocked",
    "cancelled",
)
SUCCEEDED, INTERRUPTED = "succeeded", "interrupted"


@dataclass(slots=True)
class StepRun:
    """One step of a run.

    ``status``: ``waiting``, ``running``, then ``ran``, ``cached``, ``skipped``, ``failed``, ``blocked`` or
    ``cancelled``. ``seconds`` is what the step took in this run, ``saved_seconds`` what a reused result took
    when it was made; ``peak_memory`` is in bytes where it was measured, ``stored`` what the step
    added to the store. ``arguments`` maps names to short texts, ``reasons`` are objects with a stable
    ``kind``.
    """

    name: str
    status: str = WAITING
    reason: str = ""
    reasons: list[dict[str, Any]] = field(default_factory=list)
    arguments: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    saved_seconds: float = 0.0
    peak_memory: int | None = None
    run_number: int | None = None
    base: str = ""
    digest: bytes | None = None
    error: BaseException | None = None
    load: Callable[[bytes], object] | None = field(default=None, repr=False)
    stored: int | None = None

    @property
    def output(self) -> object:
        """The value the step returned, loaded when touched; None where there is none."""
        if self.digest is None or self.load is None:
            return None
        return self.load(self.digest)

    def as_json(self) -> dict[str, object]:
        """The step as an object of ``mlops run --json``."""
        return {
            "name": self.name,
            "status": self.status,
            "reason": self.reason,
            "reasons": self.reasons,
            "seconds": round(self.seconds, 6),
        }


class RunOutputs(Mapping[str, object]):
    """What the pipeline returned, by name; values are loaded when touched, skipped ones are None."""

    def __init__(self, digests: Mapping[str, bytes | None], load: Callable[[bytes], object]) -> None:
        self.digests = dict(digests)
        self._load = load

    def __getitem__(self, name: str) -> object:
        digest = self.digests[name]
        return None if digest is None else self._load(digest)

    def __iter__(self) -> Iterator[str]:
        return iter(self.digests)

    def __len__(self) -> int:
        return len(self.digests)

    def __repr__(self) -> str:
        return f"RunOutputs({', '.join(self.digests)})"


def _no_outputs(digest: bytes) -> object:
    raise LookupError(digest.hex())


@dataclass(slots=True)
class Run:
    """A run: ``id`` (UUIDv7) names it everywhere, ``number`` counts from 1 in its project.

    ``status``: ``running``, ``succeeded``, ``failed``, ``cancelled`` or ``interrupted``. ``run["train"]`` is
    a step run; of a map only the items are listed (``run["train[0]"]``).
    """

    id: str
    number: int | None
    pipeline: str
    status: str = RUNNING
    steps: list[StepRun] = field(default_factory=list)
    outputs: Mapping[str, object] = field(default_factory=lambda: RunOutputs({}, _no_outputs))
    params: dict[str, object] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    started: float = 0.0
    params_origin: dict[str, str] = field(default_factory=dict)
    outputs_json: dict[str, object] = field(default_factory=dict)
    error: BaseException | None = None
    error_json: dict[str, str] | None = None
    rebuild: Callable[[Mapping[str, object]], object] | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"<run {self.number} of {self.pipeline}: {self.status}, {len(self.steps)} steps>"

    def __getitem__(self, name: str) -> StepRun:
        for step in self.steps:
            if step.name == name:
                return step
        items = [step.name for step in self.steps if step.base == name and step.name.endswith("]")]
        if items:
            told = f"{items[0]} … {items[-1]}" if len(items) > 3 else ", ".join(items)
            raise StepNotFound(
                f"{name!r} is a map in run {self.number}: ask for one of its items ({told})", step=name
            )
        names = ", ".join(step.name for step in self.steps)
        raise StepNotFound(f"run {self.number} has no step {name!r}; its steps: {names}", step=name)

    @property
    def value(self) -> object:
        """What the body returned, with values in the places of deferred ones."""
        return None if self.rebuild is None else self.rebuild(self.outputs)

    def as_json(self) -> dict[str, object]:
        """The run as ``mlops run --json`` prints it."""
        shown: dict[str, object] = {
            "schema": "mlops.run/1",
            "run": self.number,
            "run_id": self.id,
            "pipeline": self.pipeline,
            "status": self.status,
            "steps": [step.as_json() for step in self.steps],
            "outputs": self.outputs_json,
            "metrics": finite(self.metrics),
        }
        if self.error_json is not None:
            shown["error"] = self.error_json
        return shown
