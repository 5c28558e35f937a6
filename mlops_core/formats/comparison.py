"""Two stored values compared by the digests in their manifests: milliseconds, whatever the values' size.

Nothing is read. What is equal is known by its digests; what is not is narrowed down to blocks.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mlops_core.formats.artifact import Artifact
from mlops_core.formats.compared_buffers import compare_buffers
from mlops_core.formats.compared_cells import Track, amount, fixed_track, spans
from mlops_core.formats.compared_columns import compare_columns
from mlops_core.formats.compared_files import Listings, compare_entries
from mlops_core.formats.compared_manifests import frame_columns, table_columns
from mlops_core.formats.differences import Amount, ArtifactDiff, PartDiff


def compare(before: Artifact, after: Artifact, listings: Listings | None = None) -> ArtifactDiff:
    """How ``after`` differs from ``before``.

    Files and folders keep their listing in cells: with ``listings`` to read it they are compared by name and
    byte range, without it as a whole.
    """
    types = (before.type, after.type)
    if before.digest == after.digest and before.format == after.format:
        return ArtifactDiff(types, Amount(before.nbytes, after.nbytes, after.nbytes), equal=True)
    if before.format != after.format or before.type != after.type:
        return ArtifactDiff(types, Amount(before.nbytes, after.nbytes, 0))
    return _COMPARED.get(after.format.partition("/")[0], _whole)(before, after, listings)


def _whole(before: Artifact, after: Artifact, listings: Listings | None) -> ArtifactDiff:
    """A value without structure that a manifest would show; composites by their parts."""
    if not (before.children or after.children):
        return ArtifactDiff((before.type, after.type), Amount(before.nbytes, after.nbytes, 0))
    parts = list(_parts(before.children, after.children, listings))
    shared = sum(a.nbytes for n, a in after.children.items() if _same(before.children.get(n), a))
    shared += sum(part.diff.bytes.shared for part in parts if part.diff is not None)
    amounts = Amount(before.nbytes, after.nbytes, shared)
    return ArtifactDiff((before.type, after.type), amounts, parts=tuple(parts))


def _same(before: Artifact | None, after: Artifact) -> bool:
    return before is not None and before.digest == after.digest


def _parts(
    before: Mapping[str, Artifact], after: Mapping[str, Artifact], listings: Listings | None
) -> Iterable[PartDiff]:
    for name, new in after.items():
        old = before.get(name)
        if old is None:
            yield PartDiff(name, "added")
        elif old.digest != new.digest:
            yield PartDiff(name, "changed", compare(old, new, listings))
    yield from (PartDiff(name, "removed") for name in before if name not in after)


def _arrays(before: Artifact, after: Artifact, _: Listings | None) -> ArtifactDiff:
    old, new = before.manifest, after.manifest
    names = [name for name in ("dtype", "shape") if old[name] != new[name]]
    facts = tuple((name, old[name], new[name]) for name in names)
    types, rows = (before.type, after.type), (_length(before), _length(after))
    sides = [_track(artifact) for artifact in (before, after)]
    amounts = amount(*sides)
    if (
        old["dtype"] != new["dtype"]
        or _item_shape(before) != _item_shape(after)
        or _item_shape(before) is None
    ):
        return ArtifactDiff(types, amounts, facts=facts)
    found = spans(*sides, per_row=_row_bytes(before) or _row_bytes(after) or 1, lengths=rows)
    return ArtifactDiff(types, amounts, rows, facts, spans=found)


def _length(artifact: Artifact) -> int:
    shape: Any = artifact.manifest["shape"]
    return shape[0] if shape else 0


def _row_bytes(artifact: Artifact) -> int:
    """Bytes of a row; 0 where there are no rows."""
    return artifact.nbytes // (_length(artifact) or 1)


def _item_shape(artifact: Artifact) -> tuple[int, ...] | None:
    """The shape behind the first axis; None for an array without dimensions."""
    shape: Any = artifact.manifest["shape"]
    return tuple(shape[1:]) if shape else None


def _track(artifact: Artifact) -> Track:
    cells: Any = artifact.manifest["cells"]
    return fixed_track(cells, artifact.nbytes)


def _tables(before: Artifact, after: Artifact, _: Listings | None) -> ArtifactDiff:
    return compare_columns(before, after, table_columns)


def _frames(before: Artifact, after: Artifact, listings: Listings | None) -> ArtifactDiff:
    if "columns" not in before.manifest or "columns" not in after.manifest:
        return _whole(before, after, listings)
    return compare_columns(before, after, frame_columns)


def _pickles(before: Artifact, after: Artifact, _: Listings | None) -> ArtifactDiff:
    return compare_buffers(before, after)


def _files(before: Artifact, after: Artifact, listings: Listings | None) -> ArtifactDiff:
    if listings is None:
        return ArtifactDiff((before.type, after.type), Amount(before.nbytes, after.nbytes, 0))
    return compare_entries(before, after, listings)


_COMPARED: dict[str, Callable[[Artifact, Artifact, Listings | None], ArtifactDiff]] = {
    "array": _arrays,
    "table": _tables,
    "polars": _tables,
    "pandas": _frames,
    "pickle": _pickles,
    "file": _files,
    "directory": _files,
}
