"""``why``: the reasons of a run's or a plan's steps in full, with the difference of edited code."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mlops_core.execution.history import load_run
from mlops_core.execution.run import Run, StepRun
from mlops_core.metadata import code_parts
from mlops_core.planning.plan import Plan, PlannedStep
from mlops_core.workspace.workspace import Workspace

WORDS = {
    "cached": "is cached",
    "run": "would run",
    "skip": "would be skipped",
    "unknown": "is not known yet",
    "ran": "ran",
    "skipped": "was skipped",
    "failed": "failed",
    "blocked": "was blocked",
    "cancelled": "was cancelled",
}


@dataclass(slots=True)
class StepExplanation:
    """One step: what it did or would do; ``diffs`` are unified diffs of edited code by reason."""

    name: str
    status: str
    reasons: list[dict[str, Any]]
    diffs: dict[int, list[str]] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        """The step as text."""
        shown = [f"{self.name} {WORDS.get(self.status, self.status)}:"]
        for index, reason in enumerate(self.reasons):
            shown.append(f"  {reason['text']}")
            shown += [f"    {line}" for line in [*details(reason), *self.diffs.get(index, [])]]
        return shown


@dataclass(slots=True)
class Explanation:
    """Why each step did what it did, or would do."""

    subject: str
    steps: list[StepExplanation]

    @property
    def text(self) -> str:
        """All steps as text, a blank line between them."""
        return "\n\n".join("\n".join(step.lines) for step in self.steps)

    def as_json(self) -> dict[str, object]:
        """The explanation as ``mlops why --json`` prints it."""
        steps = [{"name": s.name, "status": s.status, "reasons": _with_diffs(s)} for s in self.steps]
        return {"schema": "mlops.why/1", "subject": self.subject, "steps": steps}


def _with_diffs(step: StepExplanation) -> list[dict[str, Any]]:
    return [{**r, "diff": step.diffs[i]} if i in step.diffs else r for i, r in enumerate(step.reasons)]


def why(workspace: Workspace, about: str | Plan, step: str | None = None) -> Explanation:
    """Explain a recorded run (a reference) or a plan; one step of it, or all.

    Raises ``ReferenceNotFound`` and ``StepNotFound``.
    """
    told: Plan | Run = about if isinstance(about, Plan) else load_run(workspace, about)
    subject = told.pipeline if isinstance(told, Plan) else f"run {told.number}"
    texts = told.sources if isinstance(told, Plan) else {}
    return Explanation(subject, [_explained(workspace, s, texts) for s in _steps(told, step)])


def _steps(told: Plan | Run, name: str | None) -> Sequence[StepRun | PlannedStep]:
    """The steps meant: all, one by its name, or all items of a map by its base name."""
    if name is None:
        return told.steps
    items = [step for step in told.steps if step.name.startswith(f"{name}[")]
    return items or [told[name]]


def _explained(workspace: Workspace, step: StepRun | PlannedStep, texts: dict[str, str]) -> StepExplanation:
    status = step.verdict if isinstance(step, PlannedStep) else step.status
    explained = StepExplanation(step.name, status, list(step.reasons))
    for index, reason in enumerate(explained.reasons):
        if reason["kind"] == "code" and reason.get("before") and reason.get("after"):
            found = difference(workspace, reason, texts)
            if found:
                explained.diffs[index] = found
    return explained


def difference(workspace: Workspace, reason: dict[str, Any], texts: dict[str, str]) -> list[str]:
    """A unified diff of an edited function; empty where a source is not known."""
    before = _source(workspace, str(reason["before"]), {})
    after = _source(workspace, str(reason["after"]), texts)
    if before is None or after is None or before == after:
        return []
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=2, lineterm="")
    return list(lines)[2:]


def _source(workspace: Workspace, digest: str, texts: dict[str, str]) -> str | None:
    if digest in texts:
        return texts[digest]
    part = code_parts.get(workspace.database, bytes.fromhex(digest))
    return None if part is None else part.source


def details(reason: dict[str, Any]) -> list[str]:
    """Before and after, where the sentence does not say them already."""
    before, after = reason.get("before"), reason.get("after")
    lines = [f"{reason['file']}, line {reason['line']}"] if reason.get("file") and reason.get("line") else []
    chain = reason.get("chain") or []
    if len(chain) > 1:
        lines.append("called by " + " ← ".join(reversed(chain[:-1])))
    if reason["kind"] in ("input_file", "undeclared_input", "input") and (before or after):
        lines.append(f"{_short(before)} → {_short(after)}")
    if reason["kind"] != "hit" and reason.get("run"):
        lines.append(f"compared with run {reason['run']}")
    return lines


def _short(value: object) -> str:
    text = "nothing" if value is None else str(value)
    return text[:12] if len(text) == 32 else text
