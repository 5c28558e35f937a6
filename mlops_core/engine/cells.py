"""Rows that describe where a cell lies: shared by the store, which writes them, and its index."""

from typing import NamedTuple


class SegmentRow(NamedTuple):
    """A segment file: its id (the file's stem), size in bytes, and stat signature when last verified."""

    id: str
    size: int
    signature: tuple[int, int, int, int]


class CellRow(NamedTuple):
    """One extent: ``length`` bytes of the cell ``digest`` at ``offset`` of a segment."""

    digest: bytes
    segment: str
    offset: int
    length: int
