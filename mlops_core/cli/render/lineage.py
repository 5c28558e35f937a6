"""Lineage as text: what something was made from, and what was made from it."""

from mlops_core.cli.render.tree import Branch, tree


def lineage_lines(name: str, up: tuple[Branch, ...], down: tuple[Branch, ...]) -> list[str]:
    """The thing itself, then both directions as trees."""
    lines = [name]
    for title, branches in (("made from", up), ("used by", down)):
        lines += [f"{title}:", *(tree(branches) if branches else ["  nothing recorded"])]
    return lines
