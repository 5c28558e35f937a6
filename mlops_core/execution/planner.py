"""Plan a whole graph: every verdict that can be taken before anything runs."""

from mlops_core.execution.expectation import expected
from mlops_core.execution.preparation import Preparation, combined
from mlops_core.execution.session import Session
from mlops_core.execution.unit import Unit, sources
from mlops_core.pipelines.graph import Graph
from mlops_core.pipelines.node import Node
from mlops_core.planning.outcomes import UNKNOWN, VALUE, Outcome
from mlops_core.planning.plan import Plan, PlannedStep
from mlops_core.planning.selection import LEFT_OUT, NEEDED, Selection
from mlops_core.planning.verdict import CACHED, SKIP


def plan_graph(session: Session, graph: Graph, selection: Selection) -> tuple[Plan, list[tuple[Node, str]]]:
    """The plan, and for each of its rows the node and the role in the selection.

    A step whose inputs come from one that would run has the verdict ``unknown``: early cutoff may make
    it a hit.
    """
    preparation = Preparation(session.decider, session.resolver, session.loader, selection)
    roles = selection.roles(graph)
    rows: list[PlannedStep] = []
    texts: dict[str, str] = {}
    origins: list[tuple[Node, str]] = []
    for node in graph.nodes:
        units = preparation.units(node)
        for unit in units:
            role = selection.role(graph, roles, node, unit.name)
            _give_outcome(session, unit)
            rows.append(_row(session, unit, role))
            origins.append((node, role))
            texts.update({digest.hex(): text for digest, (_, _, text) in _edited(unit).items()})
        session.outcomes[node.position] = combined(node, units)
    return Plan(graph.pipeline, tuple(rows), texts), origins


def _edited(unit: Unit) -> dict[bytes, tuple[str, str, str]]:
    """Sources of a step whose code is among the reasons for running it."""
    verdict = unit.verdict
    if verdict is None or all(reason.kind != "code" for reason in verdict.reasons):
        return {}
    return sources(verdict.key)


def _give_outcome(session: Session, unit: Unit) -> None:
    if unit.outcome is not None or unit.verdict is None:
        return
    record = unit.verdict.record
    if unit.verdict.word == CACHED and record is not None:
        unit.outcome = Outcome(VALUE, session.loader.artifact(record.output))
    else:
        unit.outcome = Outcome(UNKNOWN, because=f"it depends on what {unit.name} returns, which would run")


def _row(session: Session, unit: Unit, role: str) -> PlannedStep:
    assert unit.verdict is not None
    word, reason, reasons = (
        unit.verdict.word,
        unit.verdict.reason,
        tuple(r.as_json() for r in unit.verdict.reasons),
    )
    if role == LEFT_OUT or (role == NEEDED and word == SKIP):
        word, reason = SKIP, "not selected"
        reasons = ({"kind": "selection", "text": reason},)
    if word == CACHED:
        assert unit.verdict.record is not None
        return PlannedStep(unit.name, word, reason, reasons, 0.0, None, None)
    past = expected(session.workspace.database, unit.node, unit.name)
    return PlannedStep(unit.name, word, reason, reasons, *past)
