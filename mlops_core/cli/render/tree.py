"""A small text tree."""

from collections.abc import Sequence
from typing import NamedTuple


class Branch(NamedTuple):
    """One line of a tree and what hangs below it."""

    text: str
    children: "tuple[Branch, ...]" = ()


def tree(branches: Sequence[Branch]) -> list[str]:
    """The lines of the branches with their connecting strokes."""
    lines: list[str] = []
    # A work-list, deepest first: a lineage can be longer than Python's stack.
    stack = [(branch, "", index == len(branches) - 1) for index, branch in enumerate(branches)][::-1]
    while stack:
        branch, indent, last = stack.pop()
        lines.append(indent + ("└─ " if last else "├─ ") + branch.text)
        below = indent + ("   " if last else "│  ")
        children = branch.children
        stack.extend(reversed([(child, below, child is children[-1]) for child in children]))
    return lines
