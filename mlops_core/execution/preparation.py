"""From a node of the graph to step runs with verdicts, once what it depends on is decided."""

from dataclasses import dataclass

from mlops_core.execution.loading import Loader
from mlops_core.execution.run import BLOCKED as BLOCKED_STATUS
from mlops_core.execution.run import SKIPPED as SKIPPED_STATUS
from mlops_core.execution.run import StepRun
from mlops_core.execution.unit import Unit
from mlops_core.pipelines.node import Node
from mlops_core.pipelines.operations import condition_text
from mlops_core.planning import expand
from mlops_core.planning.arguments import bind_arguments
from mlops_core.planning.decide import Decider
from mlops_core.planning.inputs import FileArguments
from mlops_core.planning.outcomes import BLOCKED, SKIPPED, Outcome, Unavailable
from mlops_core.planning.reasons import Reason
from mlops_core.planning.resolve import Resolver
from mlops_core.planning.selection import Selection
from mlops_core.planning.verdict import SKIP, UNKNOWN, Verdict

STATUSES = {SKIPPED: SKIPPED_STATUS, BLOCKED: BLOCKED_STATUS}


@dataclass(slots=True)
class Preparation:
    """Prepares nodes of one graph; ``outcomes`` grows as nodes are finished."""

    decider: Decider
    resolver: Resolver
    loader: Loader
    selection: Selection

    def units(self, node: Node) -> list[Unit]:
        """The node's step runs: one, or one for each item of a map, each with a verdict.

        Where conditions or arguments are unavailable there is one unit whose outcome says so.
        """
        try:
            for condition in node.conditions:
                if not self.resolver.condition(condition):
                    raise Unavailable(SKIPPED, f"{condition_text(condition)} did not hold")
            resolved = {n: self.resolver.tree(v) for n, v in node.arguments.items()}
        except Unavailable as missing:
            return [self._unavailable(node, missing)]
        if not node.mapped:
            return [self._decided(node, node.name, resolved)]
        rows = expand.items(node, resolved, self.loader.value)
        return [self._decided(node, f"{node.name}[{i}]", row) for i, row in enumerate(rows)]

    def placeholder(self, node: Node) -> Unit:
        """A unit for a node that never came to its turn."""
        return self._new(node, node.name)

    def _decided(self, node: Node, name: str, resolved: dict[str, object]) -> Unit:
        unit = self._new(node, name)
        workspace = self.decider.workspace
        files = FileArguments(workspace.root, workspace.stat_cache, name, stored=self.loader.files)
        unit.bound = bind_arguments(node, resolved, files, self.loader.value)
        unit.verdict = self.decider.decide(node, name, unit.bound, self.selection.forces(node, name))
        unit.describe()
        return unit

    def _unavailable(self, node: Node, missing: Unavailable) -> Unit:
        unit = self._new(node, node.name)
        kind = {SKIPPED: "condition", BLOCKED: "upstream_failed"}.get(missing.state, "upstream_unknown")
        word = SKIP if missing.state == SKIPPED else UNKNOWN
        unit.verdict = Verdict(word, (Reason(kind, missing.because),))
        unit.outcome = Outcome(missing.state, because=missing.because)
        unit.step_run.status = STATUSES.get(missing.state, unit.step_run.status)
        unit.describe()
        return unit

    def _new(self, node: Node, name: str) -> Unit:
        return Unit(node, name, StepRun(name, base=node.base))


def combined(node: Node, units: list[Unit]) -> Outcome:
    """The outcome of a node from those of its units."""
    outcomes = [unit.outcome for unit in units if unit.outcome is not None]
    if not node.mapped:
        return outcomes[0]
    if len(units) == 1 and units[0].name == node.name:
        return outcomes[0]
    return Outcome("value", items=outcomes)
