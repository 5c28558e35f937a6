"""The graph of a pipeline: its steps in order, what they are given, what comes out."""

from mlops_core.pipelines.containers import sources
from mlops_core.pipelines.node import Condition, Node
from mlops_core.pipelines.operations import Output
from mlops_core.pipelines.outputs import Outputs

__all__ = ["Condition", "Graph", "Node", "Outputs", "upstream"]


class Graph:
    """``nodes`` in the order of the body (every node after those it reads), ``outputs``, ``params``."""

    __slots__ = ("nodes", "outputs", "params", "pipeline")

    def __init__(self, pipeline: str, nodes: list[Node], outputs: Outputs, params: dict[str, object]) -> None:
        self.pipeline = pipeline
        self.nodes = nodes
        self.outputs = outputs
        self.params = params


def upstream(node: Node) -> list[Node]:
    """The nodes that this one reads directly, through arguments or conditions, in graph order."""
    read = [list(node.arguments.values()), *(condition.expression for condition in node.conditions)]
    found = {source.node.position: source.node for source in sources(read) if isinstance(source, Output)}
    return [found[position] for position in sorted(found)]
