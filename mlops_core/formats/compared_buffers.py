"""Pickled values compared buffer by buffer: which of a model's arrays changed."""

from typing import Any

from mlops_core.formats.artifact import Artifact
from mlops_core.formats.compared_cells import Track, amount, fixed_track, joined_tracks, spans
from mlops_core.formats.differences import Amount, ArtifactDiff, PartDiff

#: The pickle stream itself: everything that is not in a buffer.
STREAM = "stream"


def compare_buffers(before: Artifact, after: Artifact) -> ArtifactDiff:
    """How two pickles differ: the stream, and the buffers by number, as they come in it."""
    old, new = _buffers(before), _buffers(after)
    parts = [
        PartDiff(name, "changed", _compare(old[name], blocks)) if name in old else PartDiff(name, "added")
        for name, blocks in new.items()
        if old.get(name) != blocks
    ]
    parts += [PartDiff(name, "removed") for name in old if name not in new]
    total = amount(joined_tracks(old.values()), joined_tracks(new.values()))
    amounts = Amount(before.nbytes, after.nbytes, total.shared)
    return ArtifactDiff((before.type, after.type), amounts, parts=tuple(parts))


def _buffers(artifact: Artifact) -> dict[str, Track]:
    manifest: Any = artifact.manifest
    found = {STREAM: fixed_track(manifest["cells"], manifest["nbytes"])}
    for number, buffer in enumerate(manifest["buffers"]):
        found[f"buffer {number}"] = fixed_track(buffer["cells"], buffer["nbytes"])
    return found


def _compare(old: Track, new: Track) -> ArtifactDiff:
    return ArtifactDiff(("bytes", "bytes"), amount(old, new), unit="bytes", spans=spans(old, new))
