"""Every call gets a name: ``clean``, ``clean_2``, ...; names that belong to another step are passed over."""

from mlops_core.errors import NameTaken
from mlops_core.pipelines.node import Node
from mlops_core.pipelines.sameness import are_same


def name_nodes(nodes: list[Node], pipeline: str) -> None:
    """Number the calls, in order. Raises ``NameTaken`` for two different functions under one name."""
    bases = _first_calls(nodes, pipeline)
    counts: dict[str, int] = {}
    taken = set(bases)
    for node in nodes:
        node.name = node.base
        while node.base in counts and node.name in taken:
            counts[node.base] += 1
            node.name = f"{node.base}_{counts[node.base]}"
        counts.setdefault(node.base, 1)
        taken.add(node.name)


def _first_calls(nodes: list[Node], pipeline: str) -> dict[str, Node]:
    first: dict[str, Node] = {}
    for node in nodes:
        known = first.setdefault(node.base, node)
        if not are_same(known.step.__wrapped__, node.step.__wrapped__):
            raise _taken(known, node, pipeline)
    return first


def _taken(known: Node, node: Node, pipeline: str) -> NameTaken:
    return NameTaken(
        f"Two different functions are called `{node.base}` in the pipeline `{pipeline}`: "
        f"{_place(known)} and {_place(node)}.",
        hint='Give one of them a name: `@step(name="...")`, or '
        f'`{node.step.__name__}.with_options(name="...")(...)` in the body. '
        "Steps made by a factory always need one.",
        name=node.base,
    )


def _place(node: Node) -> str:
    code = node.step.__wrapped__.__code__
    return f"{node.step.__qualname__} ({code.co_filename}:{code.co_firstlineno})"
