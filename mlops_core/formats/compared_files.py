"""Stored files and folders compared by name and byte range."""

from typing import Any

from mlops_core.formats.artifact import Artifact
from mlops_core.formats.compared_cells import Track, amount, fixed_track, joined_tracks, spans
from mlops_core.formats.differences import Amount, ArtifactDiff, Fact, PartDiff

_KIND, _MODE, _SIZE, _CELLS, _TARGET = 1, 2, 3, 4, 5


def compare_entries(
    before: Artifact, after: Artifact, listed: list[list[Any]], now: list[list[Any]]
) -> ArtifactDiff:
    """How two files or folders differ, from their listings (docs/formats/files.md)."""
    old, new = ({str(entry[0]): entry for entry in side} for side in (listed, now))
    names = [artifact.manifest.get("name") for artifact in (before, after)]
    facts: tuple[Fact, ...] = (("name", names[0], names[1]),) if names[0] != names[1] else ()
    total = amount(*(joined_tracks(map(_track, side.values())) for side in (old, new)))
    amounts = Amount(before.nbytes, after.nbytes, total.shared)
    types = (before.type, after.type)
    if set(old) == set(new) == {""}:
        inner = _compare(old[""], new[""])
        return ArtifactDiff(types, amounts, facts=(*facts, *inner.facts), unit="bytes", spans=inner.spans)
    parts = [_part(name, old.get(name), entry) for name, entry in new.items() if old.get(name) != entry]
    parts += [PartDiff(name, "removed") for name in old if name not in new]
    return ArtifactDiff(types, amounts, facts=facts, unit="bytes", parts=tuple(parts))


def _part(name: str, old: list[Any] | None, new: list[Any]) -> PartDiff:
    return PartDiff(name, "added") if old is None else PartDiff(name, "changed", _compare(old, new))


def _compare(old: list[Any], new: list[Any]) -> ArtifactDiff:
    named = (("kind", _KIND), ("mode", _MODE), ("target", _TARGET))
    facts = tuple((name, old[at], new[at]) for name, at in named if old[at] != new[at])
    sides = _track(old), _track(new)
    return ArtifactDiff(("file", "file"), amount(*sides), facts=facts, unit="bytes", spans=spans(*sides))


def _track(entry: list[Any]) -> Track:
    """Cells of a file: pairs of digest and length where the content said where to cut, else 1 MiB each."""
    cells = entry[_CELLS]
    if cells and not isinstance(cells[0], str):
        return Track([cell for cell, _ in cells], [length for _, length in cells])
    return fixed_track(cells, entry[_SIZE])
