"""What the manifests of tables and frames say of their columns."""

import json
from collections.abc import Hashable, Iterator
from itertools import pairwise
from typing import Any

from mlops_core.formats.artifact import Artifact
from mlops_core.formats.cells import CELL_BYTES
from mlops_core.formats.compared_cells import Track
from mlops_core.formats.compared_columns import Column, Columns


def table_columns(artifact: Artifact) -> Columns:
    """Columns of a stored table or polars frame."""
    manifest: Any = artifact.manifest
    each = artifact.nbytes // max(1, len(manifest["columns"]))
    columns = [_table_column(entry, entry.get("nbytes", each)) for entry in manifest["columns"]]
    # The schema says names and types, too: what else it says can only be told where those agree.
    return Columns(columns, manifest["rows"], {})


def _table_column(entry: Any, nbytes: int) -> Column:
    rest = json.dumps(entry.get("dictionaries", ()))
    return Column(
        entry["name"], entry.get("type", ""), sum(entry["rows"]), (_table_track(entry),), rest, nbytes
    )


def _table_track(entry: Any) -> Track:
    return Track(list(map("".join, entry["cells"])), entry["rows"])


def frame_columns(artifact: Artifact) -> Columns:
    """Columns of a stored pandas frame or series, and the digests of its index and attributes."""
    manifest: Any = artifact.manifest
    _, tag, (_, _, index, inside, *state) = manifest["tree"]
    rows, columns = manifest["rows"], inside[1] if tag == "frame" else [inside]
    found = [
        _frame_column(column["name"], entry, artifact, rows)
        for column, entry in zip(manifest["columns"], columns, strict=True)
    ]
    others = {"index": _key(index, artifact), "attributes": _key(["list", state], artifact)}
    if index[1] == "range index":  # it says how many rows there are, which is said anyway
        others["index"] = "range"
    return Columns(found, rows, others)


def _frame_column(name: str, entry: Any, artifact: Artifact, rows: int) -> Column:
    leaves = list(_leaves(entry, artifact))
    by_row = leaves[:1] if entry[1] == "categorical" else leaves
    tracks = [track for track in (_track(leaf, rows) for leaf in by_row) if track is not None]
    rest = [leaf.digest for leaf in leaves if leaf not in by_row or _track(leaf, rows) is None]
    nbytes = sum(leaf.nbytes for leaf in leaves)
    return Column(name, _type(entry, artifact), rows, tuple(tracks), tuple(rest), nbytes)


def _leaves(entry: Any, artifact: Artifact) -> Iterator[Artifact]:
    """The artifacts below an entry of a frame's tree, in order."""
    if entry[0] in ("leaf", "text"):
        yield artifact.children[entry[1]]
    for inner in entry[2] if entry[0] == "node" else entry[1] if entry[0] == "list" else ():
        yield from _leaves(inner, artifact)


def _track(leaf: Artifact, rows: int) -> Track | None:
    """The blocks of a leaf by row; None for what is not known by row."""
    manifest: Any = leaf.manifest
    kind = leaf.format.partition("/")[0]
    if kind == "array" and manifest["shape"] == [rows]:
        return _array_track(leaf, rows)
    if kind == "table" and manifest["rows"] == rows and not manifest["columns"][0].get("dictionaries"):
        return _table_track(manifest["columns"][0])
    return None


def _array_track(leaf: Artifact, rows: int) -> Track:
    """Cells as blocks of rows; of a row that lies in two cells, each is said to hold it in part."""
    cells: Any = leaf.manifest["cells"]
    if not cells:
        return Track()
    item = leaf.nbytes // rows
    ends = [min(rows, (i + 1) * CELL_BYTES // item) for i in range(len(cells) - 1)] + [rows]
    return Track(cells, [end - start for start, end in pairwise([0, *ends])])


def _type(entry: Any, artifact: Artifact) -> str:
    """What a column is, for comparing: pandas' kind of array and the type of the values in it."""
    if entry[0] in ("leaf", "text"):
        return _leaf_type(artifact.children[entry[1]]) if entry[0] == "leaf" else "object"
    if entry[1] == "categorical":
        return "category"
    plain = [str(inner[1]) for inner in entry[2] if inner[0] == "plain"]
    leaves = [_leaf_type(leaf) for leaf in _leaves(entry, artifact)][:1]
    return " ".join([entry[1], *plain, *leaves])


def _leaf_type(leaf: Artifact) -> str:
    manifest: Any = leaf.manifest
    if leaf.format.startswith("array/"):
        return str(manifest["dtype"])
    if leaf.format.startswith("table/"):
        return str(manifest["columns"][0].get("type", ""))
    return "object"


def _key(entry: Any, artifact: Artifact) -> Hashable:
    """What tells one part of a frame from another."""
    if entry[0] in ("leaf", "text"):
        return artifact.children[entry[1]].digest
    if entry[0] in ("node", "list"):
        return (entry[1] if entry[0] == "node" else "", *(_key(inner, artifact) for inner in entry[-1]))
    return json.dumps(entry)
