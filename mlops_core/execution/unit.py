"""One step run on its way through a run: a node of the graph, or one item of a map."""

import json
from dataclasses import dataclass

from mlops_core.execution.run import StepRun
from mlops_core.execution.task import RecordAs, StepTask
from mlops_core.fingerprints.code.sources import part_sources
from mlops_core.formats.artifact import Artifact
from mlops_core.pipelines.node import Node
from mlops_core.pipelines.return_types import is_annotated
from mlops_core.planning.arguments import BoundArguments
from mlops_core.planning.decide import accepts_unobserved, label
from mlops_core.planning.keys import StepKey
from mlops_core.planning.outcomes import Outcome
from mlops_core.planning.verdict import Verdict


@dataclass(slots=True, eq=False)  # compared by identity: comparing all fields would read values
class Unit:
    """A step run with all that was found out about it so far; ``position`` is set once it has a row.

    ``replaced`` says that its node is prepared anew: what it still gives is nobody's.
    """

    node: Node
    name: str
    step_run: StepRun
    bound: BoundArguments | None = None
    verdict: Verdict | None = None
    outcome: Outcome | None = None
    position: int = 0
    replaced: bool = False

    def describe(self) -> None:
        """Copy the verdict's reasons and the arguments' previews into the step run."""
        if self.verdict is not None:
            self.step_run.reason = self.verdict.reason
            self.step_run.reasons = [reason.as_json() for reason in self.verdict.reasons]
        if self.bound is not None:
            self.step_run.arguments = {n: a.text for n, a in self.bound.arguments.items()}

    def task(self, run_id: str, run_number: int, pipeline: str) -> StepTask:
        """What the performer needs to execute it."""
        assert self.bound is not None
        assert self.verdict is not None
        files, options = self.bound.files, self.node.options
        key = self.verdict.key
        return StepTask(
            name=self.name,
            base=self.node.base,
            label=label(self.node),
            step=self.node.step,
            values=dict(self.bound.values),
            writable=(*self.node.options.writable, *self.bound.writable),
            declared=(*(given.path for given in files.inputs), *(p for _, p in files.destinations)),
            destinations=tuple(files.destinations),
            file_inputs=tuple(files.inputs),
            record=None if key is None else record_as(self.node, key),
            cache=options.cache,
            max_age=options.max_age,
            recheck=not _certain_to_run(self.verdict),
            unannotated=not is_annotated(self.node.step),
            run_id=run_id,
            run_number=run_number,
            pipeline=pipeline,
            inputs=edges(self.bound),
            code_sources=sources(key),
        )


def _certain_to_run(verdict: Verdict) -> bool:
    """Forced steps, and those that never are reused, run whatever others did meanwhile."""
    return any(
        r.kind in ("forced", "no_cache", "cache_off", "no_value", "not_skippable") for r in verdict.reasons
    )


def record_as(node: Node, key: StepKey) -> RecordAs:
    """The key's part of a task."""
    return RecordAs(
        key.digest, json.dumps(key.components()), key.code.native_readers, accepts_unobserved(node, key)
    )


def edges(bound: BoundArguments) -> list[tuple[str, str | None, str]]:
    """Lineage: (argument, digest of the stored value it comes from in hex or None, text)."""
    found: list[tuple[str, str | None, str]] = []
    for name, tree in bound.values.items():
        stored = stored_digests(tree)
        text = bound.arguments[name].text if name in bound.arguments else ""
        found.extend((name, digest, text) for digest in stored)
        if not stored:
            found.append((name, None, text))
    found.extend((name, None, f"file {name}") for name, *_ in bound.files.inputs)
    return found


def stored_digests(tree: object) -> list[str]:
    """Digests of all artifacts in a resolved argument."""
    if isinstance(tree, Artifact):
        return [tree.digest.hex()]
    if type(tree) in (list, tuple):
        return [d for item in tree for d in stored_digests(item)]  # type: ignore[attr-defined]
    if type(tree) is dict:
        return [d for item in tree.values() for d in stored_digests(item)]
    return []


def sources(key: StepKey | None) -> dict[bytes, tuple[str, str, str]]:
    """Source text of the step's code, so that a later ``why`` can show what was edited."""
    if key is None:
        return {}
    texts = part_sources(key.code)
    return {p.digest: (p.label, p.file, texts[p.digest]) for p in key.code.parts if p.digest in texts}
