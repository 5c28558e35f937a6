"""Which nodes of a graph may be prepared now: those whose sources have outcomes, in the order of the body.

Each edge is looked at when its source is finished: a run costs what its edges are, not their square.
"""

import heapq

from mlops_core.pipelines.graph import Graph, upstream
from mlops_core.pipelines.node import Node


class Order:
    """Hands out each node once; told which of them have outcomes."""

    def __init__(self, graph: Graph) -> None:
        self._nodes = {node.position: node for node in graph.nodes}
        self._readers: dict[int, list[int]] = {position: [] for position in self._nodes}
        self._missing: dict[int, int] = {}  # of nodes not handed out: how many sources have no outcome
        for node in graph.nodes:
            sources = upstream(node)
            self._missing[node.position] = len(sources)
            for source in sources:
                self._readers[source.position].append(node.position)
        self._finished: set[int] = set()
        self._ready = [position for position, missing in self._missing.items() if not missing]
        heapq.heapify(self._ready)

    def next(self) -> Node | None:
        """The first node that is ready, handed out with this; None where there is none."""
        while self._ready:
            position = heapq.heappop(self._ready)
            if self._missing.get(position) == 0:  # else it was handed out, or lost a source
                del self._missing[position]
                return self._nodes[position]
        return None

    def finished(self, node: Node) -> None:
        """A node has an outcome now; nothing happens the second time."""
        if node.position not in self._finished:
            self._finished.add(node.position)
            self._shift(node, -1)

    def unfinished(self, node: Node) -> None:
        """A node has no outcome any more: it runs again."""
        if node.position in self._finished:
            self._finished.remove(node.position)
            self._shift(node, +1)

    def again(self, node: Node) -> None:
        """A node is to be handed out once more."""
        sources = upstream(node)
        self._missing[node.position] = sum(source.position not in self._finished for source in sources)
        if self._missing[node.position] == 0:
            heapq.heappush(self._ready, node.position)

    def _shift(self, node: Node, by: int) -> None:
        for position in self._readers[node.position]:
            if position in self._missing:
                self._missing[position] += by
                if self._missing[position] == 0:
                    heapq.heappush(self._ready, position)
