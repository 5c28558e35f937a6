"""Blocks of two versions laid side by side: which ranges differ, and how many bytes are the same."""

from collections.abc import Hashable, Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from mlops_core.formats.alignment import gaps
from mlops_core.formats.cells import CELL_BYTES
from mlops_core.formats.differences import Amount, Span


class Track(NamedTuple):
    """A value as blocks: what tells each from others, and the length of each, in rows or bytes."""

    keys: Sequence[Hashable] = ()
    lengths: Sequence[int] = ()


def fixed_track(cells: Sequence[Hashable], nbytes: int) -> Track:
    """Cells of 1 MiB, of which the last one is shorter, in bytes."""
    whole = len(cells) - 1
    return Track(cells, [CELL_BYTES] * whole + [nbytes - CELL_BYTES * whole]) if cells else Track()


def joined_tracks(tracks: Iterable[Track]) -> Track:
    """The blocks of all tracks, one after another."""
    listed = list(tracks)
    keys = [key for track in listed for key in track.keys]
    return Track(keys, [length for track in listed for length in track.lengths])


def amount(before: Track, after: Track) -> Amount:
    """Bytes of both sides, and how many of the new side's blocks the old one has, too."""
    known = set(before.keys)
    shared = sum(length for key, length in zip(after.keys, after.lengths, strict=True) if key in known)
    return Amount(sum(before.lengths), sum(after.lengths), shared)


def spans(
    before: Track, after: Track, *, per_row: int = 1, lengths: tuple[int, int] | None = None
) -> tuple[Span, ...]:
    """The ranges that differ; of blocks in bytes, with ``per_row`` of them, in whole rows of ``lengths``."""
    ends = [list(accumulate(side.lengths, initial=0)) for side in (before, after)]
    most = lengths or (ends[0][-1] // per_row, ends[1][-1] // per_row)
    return tuple(
        Span(_rows(ends[0], gap.before, per_row, most[0]), _rows(ends[1], gap.after, per_row, most[1]))
        for gap in gaps(before.keys, after.keys)
    )


def _rows(ends: list[int], blocks: tuple[int, int], per_row: int, most: int) -> tuple[int, int]:
    start, end = ends[blocks[0]], ends[blocks[1]]
    return start // per_row, min(most, -(-end // per_row))


def joined(found: Iterable[Span]) -> tuple[Span, ...]:
    """Spans of several buffers of one column, those that touch as one."""
    result: list[Span] = []
    for span in sorted(found):
        last = result[-1] if result else None
        if last is not None and (span.before[0] <= last.before[1] or span.after[0] <= last.after[1]):
            ends = max(last.before[1], span.before[1]), max(last.after[1], span.after[1])
            result[-1] = Span((last.before[0], ends[0]), (min(last.after[0], span.after[0]), ends[1]))
        else:
            result.append(span)
    return tuple(result)
