"""How two stored values differ, from their manifests alone, as a phrase and as data: no value is read."""

from typing import NamedTuple

from mlops_core.errors import DamagedState, MissingCell
from mlops_core.formats.artifact import Artifact, from_json
from mlops_core.formats.comparison import compare
from mlops_core.formats.differences import ArtifactDiff, ColumnDiff, Span
from mlops_core.metadata import artifacts
from mlops_core.planning.listings import StoredListings
from mlops_core.workspace.workspace import Workspace

#: Of longer lists so many are said, and kept with a reason.
_SAID, _KEPT = 5, 20


class Difference(NamedTuple):
    """A phrase such as ``column temp, rows 17,379 → 18,000``, '' where nothing can be said; and the facts."""

    text: str
    data: dict[str, object]


UNKNOWN = Difference("", {})


def describe(workspace: Workspace, before: str, after: str) -> Difference:
    """How the stored values of two digests (in hex) differ."""
    found = [_artifact(workspace, digest) for digest in (before, after)]
    if found[0] is None or found[1] is None:
        return UNKNOWN
    diff = _compare(workspace, found[0], found[1])
    return Difference(phrase(diff), _shortened(diff).as_json())


def _compare(workspace: Workspace, before: Artifact, after: Artifact) -> ArtifactDiff:
    try:
        return compare(before, after, StoredListings(workspace))
    except (MissingCell, DamagedState):  # the list of the files in a folder is gone: they differ as a whole
        return compare(before, after)


def _artifact(workspace: Workspace, digest: str) -> Artifact | None:
    text = artifacts.get(workspace.database, bytes.fromhex(digest))
    return None if text is None else from_json(bytes.fromhex(digest), text)


def _shortened(diff: ArtifactDiff) -> ArtifactDiff:
    """What is kept with a reason: the beginning of long lists."""
    columns = tuple(column._replace(spans=column.spans[:_KEPT]) for column in diff.columns[:_KEPT])
    parts = tuple(p._replace(diff=p.diff and _shortened(p.diff)) for p in diff.parts[:_KEPT])
    return diff._replace(spans=diff.spans[:_KEPT], columns=columns, parts=parts)


def phrase(diff: ArtifactDiff) -> str:
    """The difference in a few words."""
    if diff.types[0] != diff.types[1]:
        return f"{diff.types[0]} → {diff.types[1]}"
    told = [*_columns(diff), *_facts(diff), *_rows(diff), *_spans(diff), *_parts(diff)]
    return ", ".join(told)


def _columns(diff: ArtifactDiff) -> list[str]:
    """Columns that are new, gone, of another type, or changed; not those that only have other rows."""
    by_kind = {
        kind: [c for c in diff.columns if c.kind == kind] for kind in ("added", "removed", "type", "content")
    }
    told = [f"{word} column {_names(by_kind[kind])}" for kind, word in _WORDS if by_kind[kind]]
    told += [f"column {c.name} {c.types[0]} → {c.types[1]}" for c in by_kind["type"][:_SAID]]
    changed = [c for c in by_kind["content"] if not (diff.spans and _is_moved(c))]
    if changed:
        where = _where(changed[0].spans, diff) if len(changed) == 1 else ""
        told.append(f"column {_names(changed)}{where}")
    return told


_WORDS = (("added", "new"), ("removed", "no"))


def _is_moved(column: ColumnDiff) -> bool:
    return all(span.net for span in column.spans)


def _where(spans: tuple[Span, ...], diff: ArtifactDiff) -> str:
    """`` between rows 0 and 17,379``; nothing where that is all of them, or where the numbers differ."""
    if not spans or any(span.net for span in spans):
        return ""
    first, last = spans[0].after[0], spans[-1].after[1]
    return "" if diff.rows and (first, last) == (0, diff.rows[1]) else f" between rows {first:,} and {last:,}"


def _facts(diff: ArtifactDiff) -> list[str]:
    """The shape says what the rows would."""
    return [
        "the columns in another order" if name == "order" else f"{name} {before} → {after}"
        for name, before, after in diff.facts
    ]


def _rows(diff: ArtifactDiff) -> list[str]:
    """How many rows there are now, where no shape says it, and where they came or went."""
    if diff.rows is None or diff.rows[0] == diff.rows[1]:
        return []
    known = "shape" in (name for name, _, _ in diff.facts)
    told = [] if known else [f"rows {diff.rows[0]:,} → {diff.rows[1]:,}"]
    moved = [_moved(span) for span in diff.spans if span.net]
    return told + (moved if len(moved) <= _SAID else [f"in {len(moved)} places"])


def _moved(span: Span) -> str:
    many, word = abs(span.net), "inserted" if span.net > 0 else "deleted"
    (start, end), unit = span.before, "row" if many == 1 else "rows"
    if span.kind == "changed":
        return f"{many:,} {unit} {word} between rows {start:,} and {end:,}"
    return f"{many:,} {unit} {word} at row {start:,}"


def _spans(diff: ArtifactDiff) -> list[str]:
    """Where an array or a file changed without becoming longer or shorter."""
    spans = [span for span in diff.spans if not (diff.unit == "rows" and span.net)]
    if not spans or diff.columns:
        return []
    first, last = spans[0].after[0], spans[-1].after[1]
    return [f"{diff.unit} between {first:,} and {last:,}"]


def _parts(diff: ArtifactDiff) -> list[str]:
    """The parts that changed; the only one with how it did."""
    changed = [part for part in diff.parts if part.kind != "removed"] or list(diff.parts)
    if not changed:
        return []
    inner = changed[0].diff
    how = phrase(inner) if len(changed) == 1 and inner is not None else ""
    return [f"part {listed([part.name for part in changed])}{': ' + how if how else ''}"]


def _names(columns: list[ColumnDiff]) -> str:
    return listed([column.name for column in columns])


def listed(names: list[str]) -> str:
    """The first five names, and how many more there are."""
    return ", ".join(names[:_SAID]) + (f" and {len(names) - _SAID} more" if len(names) > _SAID else "")
