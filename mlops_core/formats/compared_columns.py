"""Tables and frames compared column by column, and which rows all columns agree to have gained or lost."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from itertools import accumulate
from typing import Any, NamedTuple

from mlops_core.formats.artifact import Artifact
from mlops_core.formats.compared_cells import Track, joined, spans
from mlops_core.formats.differences import Amount, ArtifactDiff, ColumnDiff, Fact, PartDiff, Span


class Column(NamedTuple):
    """What a manifest says of a column: one or several runs of blocks over its rows, and what else it has.

    ``rest`` is what all rows depend on (a dictionary), or all there is where nothing is known by rows.
    """

    name: str
    type: str
    rows: int
    tracks: tuple[Track, ...]
    rest: Hashable
    nbytes: int


class Columns(NamedTuple):
    """All columns of a table or frame, and what it has besides them."""

    columns: list[Column]
    rows: int
    others: Mapping[str, Hashable]


def compare_columns(before: Artifact, after: Artifact, read: Callable[[Artifact], Columns]) -> ArtifactDiff:
    """How two tables or frames differ."""
    old, new = read(before), read(after)
    known, wanted = _by_name(old.columns), _by_name(new.columns)
    found = [_compare(known.get(name), column) for name, column in wanted.items()]
    found += [_compare(column, None) for name, column in known.items() if name not in wanted]
    differing = [column for column in found if column is not None]
    common = [column for column in differing if column.kind == "content"]
    moved = _moved_rows([c.spans for c in common]) if len(common) == len(known.keys() & wanted.keys()) else ()
    if moved:
        tracks = {name: column.tracks for (name, _), column in known.items() if (name, 1) not in known}
        differing = [c._replace(spans=_split(c.spans, tracks.get(c.name, ()), moved)) for c in differing]
    others = (name for name, key in new.others.items() if old.others.get(name) != key)
    return ArtifactDiff(
        (before.type, after.type),
        Amount(before.nbytes, after.nbytes, _shared(before, after, differing)),
        (old.rows, new.rows),
        _order(known, wanted),
        "rows",
        moved,
        tuple(differing),
        tuple(PartDiff(name, "changed") for name in others),
    )


def _by_name(columns: list[Column]) -> dict[tuple[str, int], Column]:
    """By name and, since names may repeat, by how often the name came before."""
    seen: Counter[str] = Counter()
    found: dict[tuple[str, int], Column] = {}
    for column in columns:
        found[column.name, seen[column.name]] = column
        seen[column.name] += 1
    return found


def _order(old: dict[Any, Column], new: dict[Any, Column]) -> tuple[Fact, ...]:
    """The order of the columns that both have, where it differs."""
    before, after = [name for name in old if name in new], [name for name in new if name in old]
    return (("order", [n for n, _ in before], [n for n, _ in after]),) if before != after else ()


def _one_sided(old: Column | None, new: Column | None) -> ColumnDiff | None:
    if new is not None:
        return ColumnDiff(new.name, "added", ("", new.type), (), Amount(0, new.nbytes))
    return None if old is None else ColumnDiff(old.name, "removed", (old.type, ""), (), Amount(old.nbytes))


def _compare(old: Column | None, new: Column | None) -> ColumnDiff | None:
    if old is None or new is None:
        return _one_sided(old, new)
    types = (old.type, new.type)
    size = Amount(old.nbytes, new.nbytes)
    if old.type != new.type:
        return ColumnDiff(new.name, "type", types, (), size)
    if old.tracks == new.tracks and old.rest == new.rest:
        return None
    whole = Span((0, old.rows), (0, new.rows))
    if old.rest != new.rest or len(old.tracks) != len(new.tracks):
        return ColumnDiff(new.name, "content", types, (whole,), size)
    found = joined(s for a, b in zip(old.tracks, new.tracks, strict=True) if a != b for s in spans(a, b))
    return ColumnDiff(new.name, "content", types, found, size._replace(shared=_equal_bytes(new, found)))


def _equal_bytes(column: Column, found: tuple[Span, ...]) -> int:
    differing = sum(span.after[1] - span.after[0] for span in found)
    return column.nbytes * (column.rows - differing) // column.rows if column.rows else 0


def _shared(before: Artifact, after: Artifact, differing: list[ColumnDiff]) -> int:
    """Bytes of equal columns and of equal rows of the others."""
    different = sum(column.bytes.after - column.bytes.shared for column in differing)
    return max(0, min(after.nbytes, before.nbytes, after.nbytes - different))


def _moved_rows(found: list[tuple[Span, ...]]) -> tuple[Span, ...]:
    """Rows inserted or deleted, where all columns agree on how many there are from top to bottom.

    Each column says between which of its blocks; where they meet is all that is left.
    """
    moved = [[span for span in column if span.net] for column in found]
    if not moved or len({tuple(span.net for span in column) for column in moved}) != 1:
        return ()
    return tuple(_meeting(spans) for spans in zip(*moved, strict=True))


def _meeting(found: tuple[Span, ...]) -> Span:
    start, there = max(s.before[0] for s in found), max(s.after[0] for s in found)
    end, then = min(s.before[1] for s in found), min(s.after[1] for s in found)
    return Span((start, max(start, end)), (there, max(there, then)))


def _split(spans: tuple[Span, ...], tracks: tuple[Track, ...], moved: tuple[Span, ...]) -> tuple[Span, ...]:
    """A column's spans, of which those with moved rows are cut where blocks end before the first of these.

    Such a block has no moved rows, so it was changed, too.
    """
    places = iter(moved)
    found: list[Span] = []
    for span in spans:
        start, then = span.before[0], span.after[0]
        end = _last_end(tracks, start, next(places).before[0]) if span.net else start
        if end > start:
            found.append(Span((start, end), (then, then + end - start)))
        found.append(Span((end, span.before[1]), (then + end - start, span.after[1])))
    return tuple(found)


def _last_end(tracks: tuple[Track, ...], start: int, most: int) -> int:
    """Where the last block ends that lies between these rows; ``start`` where none does."""
    if len(tracks) != 1:
        return start
    return max((end for end in accumulate(tracks[0].lengths) if start < end <= most), default=start)
