"""The decision about one step run: reuse, run or skip. The only place where verdicts are made."""

import json
from dataclasses import dataclass

from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.values import value_digest
from mlops_core.metadata.records import RecordRow, nearest
from mlops_core.pipelines.node import Node
from mlops_core.pipelines.options import StepOptions
from mlops_core.pipelines.return_types import returns_none
from mlops_core.planning import artifact_diff, environment
from mlops_core.planning.arguments import BoundArguments
from mlops_core.planning.code import step_code
from mlops_core.planning.differences import explain
from mlops_core.planning.keys import StepKey, step_key
from mlops_core.planning.lookup import look_up
from mlops_core.planning.reasons import Reason
from mlops_core.planning.value_classes import current_classes
from mlops_core.planning.verdict import CACHED, RUN, Verdict
from mlops_core.tracing.places import Places
from mlops_core.workspace.workspace import Workspace


@dataclass(slots=True)
class Decider:
    """Decides step runs of one workspace; ``cache`` False is ``--no-cache``."""

    workspace: Workspace
    places: Places
    now: float
    cache: bool = True
    roots: tuple[str, ...] = ()
    pipeline: str = ""

    def decide(self, node: Node, name: str, bound: BoundArguments, forced: bool = False) -> Verdict:
        """The verdict for a node (or a map's item, ``name``) with these arguments."""
        if not self.cache:
            return Verdict(RUN, (Reason("no_cache", "the cache is off for this run"),))
        key, trouble = self.key(node, bound)
        if key is None:
            return Verdict(RUN, trouble)
        if forced:
            return Verdict(RUN, (Reason("forced", "forced"),), key)
        never = never_cached(node)
        if never is not None:
            return Verdict(RUN, (never,), key)
        return self._looked_up(node, name, key)

    def key(self, node: Node, bound: BoundArguments) -> tuple[StepKey | None, tuple[Reason, ...]]:
        """The key, or None and why there is none."""
        if bound.trouble:
            return None, bound.trouble
        try:
            code = step_code(node.step.__wrapped__, self.roots)
        except UnfingerprintableValue as error:
            return None, (
                Reason(
                    "unfingerprintable",
                    f"its code cannot be fingerprinted: {error.message}",
                    {"where": "code"},
                ),
            )
        version = _version(node.options)
        classes = current_classes(bound.classes, bound.libraries, self.roots)
        return step_key(code, bound.arguments, environment.pins(), version, classes), ()

    def _looked_up(self, node: Node, name: str, key: StepKey) -> Verdict:
        found = look_up(self.workspace, self.places, key.digest, self.now, node.options.max_age)
        if found.record is not None:
            return Verdict(CACHED, (_hit(found.record),), key, found.record)
        if found.broken:
            return Verdict(RUN, found.broken, key)
        return Verdict(RUN, self._explained(node, name, key), key)

    def _explained(self, node: Node, name: str, key: StepKey) -> tuple[Reason, ...]:
        earlier = nearest(self.workspace.database, label(node), name, self.pipeline)
        own = [record for record in earlier if record.name == name]
        if own and not node.mapped:  # items of a map are compared with each other: one may have moved up
            earlier = own
        earlier.sort(key=lambda record: record.name != name)
        return explain(key, earlier, lambda a, b: artifact_diff.describe(self.workspace, a, b))


def _hit(record: RecordRow) -> Reason:
    data: dict[str, object] = {
        "run": record.run_number,
        "created": record.created,
        "seconds": record.seconds,
    }
    written = json.loads(record.flags).get("unrestored")
    told = f"; what it wrote ({written}) is not restored" if written else ""
    return Reason("hit", f"from run {record.run_number}{told}", data)


def label(node: Node) -> str:
    """The name under which a step's earlier results are found again for explaining: its function's."""
    return str(node.step.__wrapped__.__qualname__)


def never_cached(node: Node) -> Reason | None:
    """Why a step runs every time whatever its inputs, or None."""
    if node.options.cache is False:
        return Reason("cache_off", "the step says cache=False")
    if node.options.cache is None and returns_none(node.step):
        return Reason(
            "no_value",
            "it returns nothing, so it is run for what it does (cache=True: once per distinct inputs)",
        )
    return None


def accepts_unobserved(node: Node, key: StepKey) -> bool:
    """Whether reads by native readers may go unobserved: the step says so, or declares its files."""
    return node.options.cache is True or any(argument.files for argument in key.arguments.values())


def _version(options: StepOptions) -> str:
    """What the step says of itself: its version, and what else its result depends on."""
    if options.version is None and not options.depends:
        return ""
    return json.dumps([options.version, [value_digest(thing).hex() for thing in options.depends]])
