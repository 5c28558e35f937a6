"""Which steps a run was asked for: ``--only``, ``--from``, ``--until``, ``--force``.

A base name means all calls and items of a step, a full name one of them.
"""

import difflib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from mlops_core.errors import StepNotFound
from mlops_core.pipelines.graph import Graph, upstream
from mlops_core.pipelines.mapping import argument_at
from mlops_core.pipelines.node import Node

SELECTED, NEEDED, LEFT_OUT = "selected", "needed", "left out"
_ITEM = re.compile(r"(.+)\[(\d+)\]")


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
        for name in (*self.only, *self.start, *self.until, *self.force):
            if not any(_has(node, name) for node in graph.nodes):
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

    def role(self, graph: Graph, roles: dict[int, str], node: Node, name: str) -> str:
        """The role of a step run: that of its node, except for items of a map when others are named."""
        role = roles[node.position]
        if role != SELECTED or name == node.name or self._includes(graph, node, name):
            return role
        read = any(node in upstream(n) for n in graph.nodes if roles[n.position] == SELECTED)
        return NEEDED if read else LEFT_OUT

    def _includes(self, graph: Graph, node: Node, name: str) -> bool:
        """Whether every choice that was made takes in this item of a selected map."""
        for names, reach in ((self.only, None), (self.start, _downstream), (self.until, _upstream)):
            if not names or matches(names, node, name):
                continue
            others = _named(graph, names) - {node.position}
            if reach is None or node.position not in reach(graph, others):
                return False
        return True

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
    return {n.position for n in graph.nodes if any(_names(given, n) for given in names)}


def _names(given: str, node: Node) -> bool:
    """Whether a name means the node or, of a map, one of its items."""
    item = _ITEM.fullmatch(given)
    return given in (node.base, node.name) or (item is not None and item[1] == node.name)


def _has(node: Node, given: str) -> bool:
    """The same, without items that the map cannot have."""
    item = _ITEM.fullmatch(given)
    if item is None or not _names(given, node):
        return _names(given, node)
    length = known_length(node)
    return bool(node.mapped) and (length is None or int(item[2]) < length)


def known_length(node: Node) -> int | None:
    """How many items a map has, where its arguments are plain lists; None where that shows in the run."""
    values = [argument_at(node.step, node.arguments, name) for name in node.mapped]
    lengths = [len(value) for value in values if isinstance(value, (list, tuple, range))]
    if len(lengths) < len(values):
        return None
    return math.prod(lengths) if node.product else min(lengths, default=0)


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
