"""How two stored values differ, from their manifests alone: no value is read."""

from mlops_core.formats.artifact import Artifact, from_json
from mlops_core.metadata import artifacts
from mlops_core.workspace.workspace import Workspace


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
    parts = [
        name
        for name in after.children
        if name not in before.children or before.children[name].digest != after.children[name].digest
    ]
    if after.children:
        return f"part {', '.join(parts[:5])}" if parts else ""
    said = [
        f"{key} {before.manifest[key]} → {after.manifest[key]}"
        for key in ("shape", "rows", "dtype")
        if _differs(before, after, key)
    ]
    return ", ".join([*_columns(before, after), *said])


def _differs(before: Artifact, after: Artifact, key: str) -> bool:
    return key in after.manifest and key in before.manifest and before.manifest[key] != after.manifest[key]


def _columns(before: Artifact, after: Artifact) -> list[str]:
    old, new = _column_digests(before), _column_digests(after)
    changed = [name for name in new if old.get(name) != new[name]]
    return [f"column {', '.join(changed[:5])}"] if changed else []


def _column_digests(artifact: Artifact) -> dict[str, object]:
    columns = artifact.manifest.get("columns")
    if not isinstance(columns, list):
        return {}
    return {str(c.get("name", i)): c.get("digest") for i, c in enumerate(columns) if isinstance(c, dict)}
