"""Stored files and folders compared by name and byte range."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from mlops_core.formats.artifact import Artifact
from mlops_core.formats.compared_cells import Track, amount, joined_tracks, spans
from mlops_core.formats.differences import Amount, ArtifactDiff, Fact, PartDiff, Span

_KIND, _MODE, _SIZE, _CELLS, _TARGET = 1, 2, 3, 4, 5


class Listings(Protocol):
    """What the store knows of stored files besides their artifacts."""

    def entries(self, artifact: Artifact, /) -> list[list[Any]]:
        """The listing of a file or folder, as in docs/formats/files.md."""

    def lengths(self, cells: Sequence[str], /) -> Mapping[str, int]:
        """How many bytes cells have (digests in hex); those that are gone are left out."""


def compare_entries(before: Artifact, after: Artifact, listings: Listings) -> ArtifactDiff:
    """How two files or folders differ."""
    old, new = ({str(e[0]): e for e in listings.entries(side)} for side in (before, after))
    lengths = listings.lengths(
        [cell for side in (old, new) for entry in side.values() for cell in entry[_CELLS]]
    )
    names = [artifact.manifest.get("name") for artifact in (before, after)]
    facts: tuple[Fact, ...] = (("name", names[0], names[1]),) if names[0] != names[1] else ()
    sides = [joined_tracks(_track(entry, lengths) for entry in side.values()) for side in (old, new)]
    amounts = Amount(before.nbytes, after.nbytes, amount(*sides).shared)
    types = (before.type, after.type)
    if set(old) == set(new) == {""}:
        inner = _compare(old[""], new[""], lengths)
        return ArtifactDiff(types, amounts, facts=(*facts, *inner.facts), unit="bytes", spans=inner.spans)
    parts = [
        _part(name, old.get(name), entry, lengths) for name, entry in new.items() if old.get(name) != entry
    ]
    parts += [PartDiff(name, "removed") for name in old if name not in new]
    return ArtifactDiff(types, amounts, facts=facts, unit="bytes", parts=tuple(parts))


def _part(name: str, old: list[Any] | None, new: list[Any], lengths: Mapping[str, int]) -> PartDiff:
    return PartDiff(name, "added") if old is None else PartDiff(name, "changed", _compare(old, new, lengths))


def _compare(old: list[Any], new: list[Any], lengths: Mapping[str, int]) -> ArtifactDiff:
    named = (("kind", _KIND), ("mode", _MODE), ("target", _TARGET))
    facts = tuple((name, old[at], new[at]) for name, at in named if old[at] != new[at])
    sides = _track(old, lengths), _track(new, lengths)
    found = spans(*sides)
    if any(sum(side.lengths) != entry[_SIZE] for side, entry in zip(sides, (old, new), strict=True)):
        found = (Span((0, old[_SIZE]), (0, new[_SIZE])),)  # a cell is gone, and its length with it
    return ArtifactDiff(("file", "file"), amount(*sides), facts=facts, unit="bytes", spans=found)


def _track(entry: list[Any], lengths: Mapping[str, int]) -> Track:
    return Track(entry[_CELLS], [lengths.get(cell, 0) for cell in entry[_CELLS]])
