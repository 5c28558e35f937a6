"""Lineage as text: what something was made from, and what was made from it."""

from collections.abc import Sequence
from typing import Protocol

from mlops_core.cli.render.tree import Branch, tree
from mlops_core.cli.render.width import clean


class Linked(Protocol):
    """A thing in a lineage, and the next ones."""

    @property
    def text(self) -> str: ...
    @property
    def children(self) -> "Sequence[Linked]": ...


def branches(things: Sequence[Linked]) -> tuple[Branch, ...]:
    """The things as branches of a text tree (execution bounds their depth)."""
    return tuple(Branch(clean(thing.text), branches(thing.children)) for thing in things)


def lineage_lines(name: str, up: tuple[Branch, ...], down: tuple[Branch, ...]) -> list[str]:
    """The thing itself, then both directions as trees."""
    lines = [name]
    for title, branches in (("made from", up), ("used by", down)):
        lines += [f"{title}:", *(tree(branches) if branches else ["  nothing recorded"])]
    return lines
