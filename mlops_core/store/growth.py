"""Cells that begin like one that is stored: only what is new of them is written.

The one before is found without a hint: cells of ``GROWABLE`` bytes and more have a head, 64 bits of the hash
of their first page, and those of one head are compared byte by byte. See docs/decisions/growth.md.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from mlops_core.engine._hash import xxh3_128
from mlops_core.engine._map import common_bytes
from mlops_core.engine.cells import Part

#: Cells of fewer bytes have no head, and are written whole.
GROWABLE = 8 << 10
#: At least so many bytes must be there already for a cell to be put together.
WORTHWHILE = 4 << 10
#: Parts of a cell at most: each is a map of its own when the cell is loaded.
MOST_PARTS = 128
#: Cells of one head that are compared: all-zero pages, say, begin many cells.
MOST_COMPARED = 4
HEAD_BYTES = 4096


class Candidate(NamedTuple):
    """A cell that may begin alike; one in one piece is its own part.

    ``view`` gives its bytes, None where they are not at hand.
    """

    parts: tuple[Part, ...]
    view: Callable[[], memoryview | bytes | None]


class Start(NamedTuple):
    """The beginning of a cell that is there already: ``length`` bytes, in parts."""

    parts: tuple[Part, ...]
    length: int


NOTHING = Start((), 0)


def head_of(pieces: Sequence[memoryview | bytes]) -> int:
    """The head of a cell of at least a page; never 0."""
    first = memoryview(pieces[0]).cast("B")
    page = first if first.nbytes >= HEAD_BYTES else contiguous(pieces)
    return int.from_bytes(xxh3_128(page[:HEAD_BYTES])[:8], "little", signed=True) or 1


def contiguous(pieces: Sequence[memoryview | bytes]) -> memoryview:
    """The pieces as one range; a copy where there are several: cells are small enough for that."""
    return memoryview(pieces[0] if len(pieces) == 1 else b"".join(pieces)).cast("B")


def longest_start(data: memoryview, candidates: Iterable[Candidate], alignment: int) -> Start:
    """The most of ``data`` that a candidate has, in whole pages; ``NOTHING`` where it is not worth it.

    Which of several is the longest is not asked any more once one of them is the beginning as a whole.
    """
    best = NOTHING
    for candidate in islice(candidates, MOST_COMPARED):
        content = candidate.view()
        if content is None:
            continue
        common = common_bytes(data, content)
        start = _usable(candidate.parts, common, data.nbytes, alignment)
        best = max(best, start, key=lambda one: one.length)
        if common == memoryview(content).nbytes:
            break
    return best if best.length >= WORTHWHILE and len(best.parts) < MOST_PARTS else NOTHING


def _usable(parts: Sequence[Part], common: int, length: int, alignment: int) -> Start:
    """The parts that hold the first ``common`` bytes: whole pages, and of each part at least half.

    A part of which less is needed would keep alive more than it saves.
    """
    kept: list[Part] = []
    place = 0
    for part in parts:
        taken = min(part.length, common - place)
        if place + taken < length:
            taken -= taken % alignment
        if taken < alignment or 2 * taken < part.length:
            break
        kept.append(Part(part.digest, taken))
        place += taken
        if taken < part.length:
            break
    return Start(tuple(kept), place)
