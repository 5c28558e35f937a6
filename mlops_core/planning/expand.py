"""Maps: one item for each element of the mapped arguments, in order (docs/pipelines.md)."""

from collections.abc import Callable

from mlops_core.formats.artifact import Artifact
from mlops_core.pipelines.mapping import argument_at, combined, items_of, with_items
from mlops_core.pipelines.node import Node
from mlops_core.planning.resolve import WritableTree

LISTS = ("list/1", "tuple/1", "namedtuple/1")


def items(
    node: Node, arguments: dict[str, object], load: Callable[[Artifact], object]
) -> list[dict[str, object]]:
    """The arguments of each item, from the resolved arguments of the map.

    Raises ``MapMismatch`` where an argument cannot be listed or lengths differ.
    """
    lists = {
        name: _elements(node, name, argument_at(node.step, arguments, name), load) for name in node.mapped
    }
    chosen = combined(node.name, lists, product=node.product)
    return [with_items(node.step, arguments, one) for one in chosen]


def _elements(node: Node, name: str, value: object, load: Callable[[Artifact], object]) -> list[object]:
    """Parts of a stored list by their own digests; of anything else, the items of the value."""
    if isinstance(value, WritableTree):
        return [WritableTree(item) for item in _elements(node, name, value.tree, load)]
    if isinstance(value, Artifact):
        if value.format in LISTS:
            return list(value.children.values())
        value = load(value)
    return items_of(value, name, node.name)
