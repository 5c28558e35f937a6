"""A plan: what a run would do, step by step, and why."""

from dataclasses import dataclass, field

from mlops_core.errors import StepNotFound


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """What would happen to one step.

    ``verdict`` is ``cached``, ``run``, ``skip`` or ``unknown``; ``expected_seconds`` comes from earlier
    runs of the step (None without history), ``expected_memory`` and ``expected_bytes`` are in bytes.
    """

    name: str
    verdict: str
    reason: str
    reasons: tuple[dict[str, object], ...]
    expected_seconds: float | None = None
    expected_memory: int | None = None
    expected_bytes: int | None = None

    def as_json(self) -> dict[str, object]:
        """The step as an object of ``mlops plan --json``."""
        return {
            "name": self.name,
            "verdict": self.verdict,
            "reason": self.reason,
            "reasons": list(self.reasons),
            "expected_seconds": self.expected_seconds,
            "expected_memory": self.expected_memory,
            "expected_bytes": self.expected_bytes,
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """The verdict of every step of a pipeline, in pipeline order; nothing has run.

    ``sources`` are the texts of code that would run, by part digest in hex: ``why`` shows what was edited.
    """

    pipeline: str
    steps: tuple[PlannedStep, ...]
    sources: dict[str, str] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        verdicts = ", ".join(f"{step.name} {step.verdict}" for step in self.steps[:8])
        return f"<plan of {self.pipeline}: {verdicts}{', …' if len(self.steps) > 8 else ''}>"

    def __getitem__(self, name: str) -> PlannedStep:
        for step in self.steps:
            if step.name == name:
                return step
        names = ", ".join(step.name for step in self.steps)
        raise StepNotFound(f"the plan of {self.pipeline!r} has no step {name!r}; its steps: {names}")

    def as_json(self) -> dict[str, object]:
        """The plan as ``mlops plan --json`` prints it."""
        return {
            "schema": "mlops.plan/1",
            "pipeline": self.pipeline,
            "steps": [step.as_json() for step in self.steps],
        }
