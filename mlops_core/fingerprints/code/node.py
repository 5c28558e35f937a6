"""One numbered thing that code reaches, and the marks that stand for such things inside contents."""

from typing import Final, NamedTuple


class Place(NamedTuple):
    """Where a part is written: its label, file and line."""

    label: str
    file: str
    line: int


NOWHERE: Final = Place("", "", 0)


class Node:
    """A part in the making: its subject, where it is written, and the edges found in its content.

    ``edges`` are numbers of other nodes in the order in which the content names them; inside the content
    an edge is its place in that list, so the content's digest does not depend on what lies behind it.
    """

    __slots__ = ("digest", "edges", "file", "kind", "label", "line", "places", "subject", "via")

    def __init__(self, kind: str, subject: object, where: Place = NOWHERE, via: str = "") -> None:
        self.kind, self.subject, self.via = kind, subject, via
        self.label, self.file, self.line = where
        self.digest = b""
        self.edges: list[int] = []
        self.places: dict[int, int] = {}

    def place_of(self, number: int) -> int:
        """Place of the edge to node ``number``, added when it is new."""
        place = self.places.setdefault(number, len(self.edges))
        if place == len(self.edges):
            self.edges.append(number)
        return place


class Edge:
    """Stands in a content for another node."""

    __slots__ = ("place",)

    def __init__(self, place: int) -> None:
        self.place = place


class Foreign:
    """Stands in a content for something of a library, known by its dotted name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name
