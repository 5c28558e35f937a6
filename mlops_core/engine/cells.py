"""Rows that describe where a cell lies: shared by the store, which writes them, and its index."""

import struct
from collections.abc import Sequence
from typing import NamedTuple

_PART = struct.Struct("<16sQ")


class SegmentRow(NamedTuple):
    """A segment file: its id (the file's stem), size in bytes, and stat signature when last verified."""

    id: str
    size: int
    signature: tuple[int, int, int, int]


class CellRow(NamedTuple):
    """The ``length`` bytes of the cell ``digest``, at ``offset`` of a segment.

    ``head`` tells cells that may begin alike (0: not told). ``stored`` bytes of the file hold it in the form
    that ``coding`` names; 0 and 0: it lies there as it is.
    """

    digest: bytes
    segment: str
    offset: int
    length: int
    head: int = 0
    stored: int = 0
    coding: int = 0

    @property
    def room(self) -> int:
        """Bytes of the file that hold it."""
        return self.stored if self.coding else self.length


class Part(NamedTuple):
    """The first ``length`` bytes of the cell ``digest``."""

    digest: bytes
    length: int


class GrownRow(NamedTuple):
    """A cell that is put together from the beginnings of others; ``segment`` is the one that lists it."""

    digest: bytes
    segment: str
    parts: tuple[Part, ...]
    head: int = 0

    @property
    def length(self) -> int:
        """Bytes of the cell."""
        return sum(part.length for part in self.parts)


def pack_parts(parts: Sequence[Part]) -> bytes:
    """Parts as they are on the disk: digest 16, length u64, little-endian."""
    return b"".join(_PART.pack(*part) for part in parts)


def read_parts(data: bytes) -> tuple[Part, ...]:
    """The way back. struct.error where ``data`` is no whole number of parts."""
    return tuple(Part(*part) for part in _PART.iter_unpack(data))
