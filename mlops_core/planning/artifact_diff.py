"""How two stored values differ, from their manifests alone: no value is read."""

from typing import Any

from mlops_core.formats.artifact import Artifact, from_json
from mlops_core.metadata import artifacts
from mlops_core.workspace.workspace import Workspace

SIZES = ("shape", "rows", "dtype")


def describe(workspace: Workspace, before: str, after: str) -> str:
    """A phrase such as ``column temp, 17,379 → 18,000 rows``; '' where nothing can be said."""
    found = [_artifact(workspace, digest) for digest in (before, after)]
    if found[0] is None or found[1] is None:
        return ""
    return difference(found[0], found[1])


def _artifact(workspace: Workspace, digest: str) -> Artifact | None:
    text = artifacts.get(workspace.database, bytes.fromhex(digest))
    return None if text is None else from_json(bytes.fromhex(digest), text)


def difference(before: Artifact, after: Artifact) -> str:
    """The phrase for two artifacts."""
    if before.format != after.format or before.type != after.type:
        return f"{before.type} → {after.type}"
    if after.children:
        return _parts(before, after)
    old, new = before.manifest, after.manifest
    said = [f"{key} {old[key]} → {new[key]}" for key in SIZES if _differs(before, after, key)]
    return ", ".join([*_columns(before, after), *said])


def _parts(before: Artifact, after: Artifact) -> str:
    """The parts that changed, the only one with how it did."""
    known = {name: child.digest for name, child in before.children.items()}
    changed = [name for name, child in after.children.items() if known.get(name) != child.digest]
    if len(changed) == 1 and changed[0] in known:
        inner = difference(before.children[changed[0]], after.children[changed[0]])
        return f"part {changed[0]}{': ' + inner if inner else ''}"
    return f"part {listed(changed)}" if changed else ""


def _differs(before: Artifact, after: Artifact, key: str) -> bool:
    return key in after.manifest and key in before.manifest and before.manifest[key] != after.manifest[key]


def _columns(before: Artifact, after: Artifact) -> list[str]:
    """Columns that are new, gone or changed; with the rows of the cells that changed, where they are few."""
    old, new = _by_name(before), _by_name(after)
    added, gone = [n for n in new if n not in old], [n for n in old if n not in new]
    changed = [n for n in new if n in old and old[n]["cells"] != new[n]["cells"]]
    said = [f"{word} column {listed(names)}" for word, names in (("new", added), ("no", gone)) if names]
    if not changed:
        return said
    where = rows_of(old[changed[0]], new[changed[0]]) if len(changed) == 1 else ""
    return [*said, f"column {listed(changed)}{where}"]


def rows_of(old: dict[str, Any], new: dict[str, Any]) -> str:
    """Between which rows the cells of two versions of a column differ: `` between rows 0 and 17,379``."""
    if old["rows"] != new["rows"] or len(new["rows"]) < 2:
        return ""
    places = [i for i, (a, b) in enumerate(zip(old["cells"], new["cells"], strict=True)) if a != b]
    first, last = sum(new["rows"][: places[0]]), sum(new["rows"][: places[-1] + 1])
    return f" between rows {first:,} and {last:,}"


def _by_name(artifact: Artifact) -> dict[str, dict[str, Any]]:
    columns = artifact.manifest.get("columns")
    return {column["name"]: column for column in columns} if isinstance(columns, list) else {}


def listed(names: list[str]) -> str:
    """The first five names, and how many more there are."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
