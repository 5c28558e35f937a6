"""Which steps a run was asked for: ``--only``, ``--from``, ``--until``, ``--force``.

A base name means all calls and items of a step, a full name one of them (contract 1.5).
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from mlops_core.errors import StepNotFound
from mlops_core.pipelines.graph import Graph, upstream
from mlops_core.pipelines.node import Node

SELECTED, NEEDED, LEFT_OUT = "selected", "needed", "left out"


@dataclass(frozen=True, slots=True)
class Selection:
    """Names as given; ``start`` is ``--from``. Empty tuples mean everything, and nothing is forced."""

    only: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    force: tuple[str, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether some steps may be left out."""
        return bool(self.only or self.start or self.until)

    def check(self, graph: Graph) -> None:
        """Raises ``StepNotFound`` for a name that no step of the graph has."""
        names = {name for node in graph.nodes for name in (node.name, node.base)}
        for name in (*self.only, *self.start, *self.until, *self.force):
            if name.split("[")[0] not in names and name not in names:
                raise _not_found(graph, name)

    def forces(self, node: Node, name: str) -> bool:
        """Whether this step run (``name`` may be that of a map's item) must run."""
        return matches(self.force, node, name)

    def roles(self, graph: Graph) -> dict[int, str]:
        """Position of each node -> ``selected``, ``needed`` (a value from the cache) or ``left out``."""
        if not self.partial:
            return {node.position: SELECTED for node in graph.nodes}
        selected = self._selected(graph)
        needed = {n.position for s in graph.nodes if s.position in selected for n in upstream(s)} - selected
        return {
            n.position: SELECTED if n.position in selected else NEEDED if n.position in needed else LEFT_OUT
            for n in graph.nodes
        }

    def _selected(self, graph: Graph) -> set[int]:
        everything = {node.position for node in graph.nodes}
        chosen = set(everything)
        if self.only:
            chosen &= _named(graph, self.only)
        if self.start:
            chosen &= _downstream(graph, _named(graph, self.start))
        if self.until:
            chosen &= _upstream(graph, _named(graph, self.until))
        return chosen


def matches(names: Iterable[str], node: Node, name: str) -> bool:
    """Whether a step run is meant by one of the names."""
    return any(given in (node.base, node.name, name) for given in names)


def _named(graph: Graph, names: tuple[str, ...]) -> set[int]:
    bases = tuple(name.split("[")[0] if name.endswith("]") else name for name in names)
    return {n.position for n in graph.nodes if matches(bases, n, n.name)}


def _downstream(graph: Graph, start: set[int]) -> set[int]:
    reached = set(start)
    for node in graph.nodes:  # pipeline order: sources come first
        if any(source.position in reached for source in upstream(node)):
            reached.add(node.position)
    return reached


def _upstream(graph: Graph, ends: set[int]) -> set[int]:
    reached = set(ends)
    for node in reversed(graph.nodes):
        if node.position in reached:
            reached.update(source.position for source in upstream(node))
    return reached


def _not_found(graph: Graph, name: str) -> StepNotFound:
    names = [node.name for node in graph.nodes]
    near = difflib.get_close_matches(name, names, 1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return StepNotFound(
        f"pipeline {graph.pipeline!r} has no step {name!r}",
        hint=f"{meant}its steps: {', '.join(dict.fromkeys(names))}",
        step=name,
        pipeline=graph.pipeline,
    )
