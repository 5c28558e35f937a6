"""Lists, tuples and dicts nested deeper than ``pickle`` can follow, laid out flat and put together again.

A flat value is a list of nodes ``(kind, items)``, the outermost one first. An item is ``(True, number of a
node)`` or ``(False, value)``; a dict has keys and values in turn. Containers that are met twice, or contain
themselves, are one node.
"""

from typing import Any

Item = tuple[bool, Any]
Node = tuple[str, list[Item]]

_KINDS: dict[type, str] = {list: "list", tuple: "tuple", dict: "dict"}


def flatten(value: object) -> list[Node]:
    """The nodes of a list, tuple or dict of exactly these types; TypeError for anything else."""
    if type(value) not in _KINDS:
        raise TypeError(f"a {type(value).__name__} has no nodes")
    containers = [value]
    numbers = {id(value): 0}
    nodes: list[Node] = []
    while len(nodes) < len(containers):
        container = containers[len(nodes)]
        items = [_item(part, numbers, containers) for part in _parts(container)]
        nodes.append((_KINDS[type(container)], items))
    return nodes


def _item(part: object, numbers: dict[int, int], containers: list[object]) -> Item:
    if type(part) not in _KINDS:
        return False, part
    number = numbers.setdefault(id(part), len(containers))
    if number == len(containers):
        containers.append(part)
    return True, number


def _parts(container: Any) -> list[object]:
    return [part for item in container.items() for part in item] if type(container) is dict else [*container]


def rebuild(nodes: list[Node]) -> Any:
    """The value that ``flatten`` took apart.

    A tuple contains itself only through a list or a dict, and those are there before it, still empty.
    """
    made: list[Any] = [[] if kind == "list" else {} if kind == "dict" else None for kind, _ in nodes]
    for number in range(len(nodes)):
        _make_tuples(number, nodes, made)
    for container, (kind, items) in zip(made, nodes, strict=True):
        values = [made[item] if is_node else item for is_node, item in items]
        if kind == "list":
            container.extend(values)
        elif kind == "dict":
            container.update(zip(values[::2], values[1::2], strict=True))
    return made[0]


def _make_tuples(number: int, nodes: list[Node], made: list[Any]) -> None:
    """Make a tuple, unless it is there, after those inside it."""
    waiting = [number]
    while waiting:
        items = nodes[waiting[-1]][1]
        if made[waiting[-1]] is not None:
            waiting.pop()
        elif missing := [item for is_node, item in items if is_node and made[item] is None]:
            waiting.extend(missing)
        else:
            made[waiting.pop()] = tuple(made[item] if is_node else item for is_node, item in items)
