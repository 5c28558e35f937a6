"""Values of steps outside the selection: they come from the cache, or nothing starts."""

from mlops_core.errors import NotInCache
from mlops_core.execution.planner import plan_graph
from mlops_core.execution.session import Session
from mlops_core.pipelines.graph import Graph, upstream
from mlops_core.pipelines.node import Node
from mlops_core.planning.outcomes import UNKNOWN, Outcome
from mlops_core.planning.selection import NEEDED, SELECTED, Selection
from mlops_core.planning.verdict import RUN
from mlops_core.planning.verdict import UNKNOWN as UNDECIDED


def check_cached(session: Session, graph: Graph, selection: Selection) -> None:
    """Raise ``NotInCache``, before anything runs, for a needed value that is not in the cache.

    A value that depends on a selected step which would run is known only then, and is left to the run.
    """
    plan, origins = plan_graph(session, graph, selection)
    roles = selection.roles(graph)
    for row, (node, role) in zip(plan.steps, origins, strict=True):
        if role != NEEDED or row.verdict not in (RUN, UNDECIDED):
            continue
        source = node if row.verdict == RUN else _first_missing(node, roles, session.outcomes)
        if source is not None:
            raise not_in_cache(row.name, row.reason, source)
    session.outcomes.clear()


def not_in_cache(name: str, reason: str, source: Node) -> NotInCache:
    """The error for a step run whose value is missing; ``source`` is the step to begin with instead."""
    return NotInCache(
        f"step {name!r} is outside the selection and its value is not in the cache: {reason}",
        hint=f"begin earlier: --from {source.base}",
        step=name,
    )


def _first_missing(node: Node, roles: dict[int, str], outcomes: dict[int, Outcome]) -> Node | None:
    """The first step above that would have to run, None where a selected one among them does run."""
    missing = [n for n in _above(node) if _is_unknown(outcomes[n.position])]
    return None if any(roles[n.position] == SELECTED for n in missing) else missing[0]


def _above(node: Node) -> list[Node]:
    found = {node.position: node}
    waiting = [node]
    while waiting:
        for source in upstream(waiting.pop()):
            if source.position not in found:
                found[source.position] = source
                waiting.append(source)
    return [found[position] for position in sorted(found)]


def _is_unknown(outcome: Outcome) -> bool:
    return outcome.state == UNKNOWN or any(_is_unknown(item) for item in outcome.items or ())
