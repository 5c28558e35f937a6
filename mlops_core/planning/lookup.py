"""Find the newest record of a key whose observed inputs still hold and whose value is still there."""

import json
from dataclasses import dataclass

from mlops_core.metadata import artifacts
from mlops_core.metadata.records import RecordRow, of_key
from mlops_core.planning.reasons import Reason
from mlops_core.tracing.observe import observe
from mlops_core.tracing.places import Places
from mlops_core.workspace.workspace import Workspace

WORDS = {
    "file": "file",
    "listing": "list of files in",
    "entries": "files in",
    "probe": "path",
    "times": "time of",
    "link": "link",
    "class": "class",
    "env": "environment variable",
    "environ": "environment",
    "folder": "current folder",
}


@dataclass(slots=True)
class Found:
    """A record to reuse, or none and why the nearest one does not hold."""

    record: RecordRow | None
    broken: tuple[Reason, ...] = ()


def look_up(
    workspace: Workspace, places: Places, key: bytes, now: float, max_age: float | None = None
) -> Found:
    """The record to reuse for a key; ``max_age`` in seconds."""
    first_broken: tuple[Reason, ...] = ()
    known = of_key(workspace.database, key)
    for record in known:
        if record.dropped is not None:
            continue
        broken = why_not(workspace, places, record, now, max_age)
        if not broken:
            return Found(record)
        first_broken = first_broken or broken
        if broken[0].kind == "not_skippable":
            break
    return Found(None, first_broken or _removed(known))


def _removed(known: list[RecordRow]) -> tuple[Reason, ...]:
    """Why a result that was there before may not be used any more: the newest was dropped."""
    if not known or known[0].dropped is None:
        return ()
    record = known[0]
    text = f"the stored value of run {record.run_number} was dropped: {record.dropped}"
    return (Reason("value_gone", text, {"run": record.run_number, "because": record.dropped}),)


def why_not(
    workspace: Workspace, places: Places, record: RecordRow, now: float, max_age: float | None
) -> tuple[Reason, ...]:
    """Reasons against reusing a record; empty when it holds."""
    changed = broken_trace(workspace, places, record)
    if changed:
        return changed
    flags = json.loads(record.flags)
    if "not_skippable" in flags:
        return (Reason("not_skippable", flags["not_skippable"], {"run": record.run_number}),)
    if max_age is not None and not 0 <= now - record.created <= max_age:
        return (
            Reason(
                "expired",
                f"the result of run {record.run_number} is older than its cache time",
                {"run": record.run_number},
            ),
        )
    return _missing_value(workspace, record)


def broken_trace(workspace: Workspace, places: Places, record: RecordRow) -> tuple[Reason, ...]:
    """The undeclared inputs of a record that look different now."""
    reasons = []
    for kind, name, seen in json.loads(record.trace_json):
        now = observe(kind, name, places, workspace.stat_cache)
        if now != seen:
            reasons.append(_changed(kind, name, seen, now))
    return tuple(reasons)


def _changed(kind: str, name: str, before: str, after: str) -> Reason:
    how = "is new" if before == "absent" else "is gone" if after == "absent" else "changed"
    what = f"{WORDS[kind]} {name}".rstrip()
    data: dict[str, object] = {"what": kind, "where": name, "before": before, "after": after}
    return Reason("undeclared_input", f"{what} {how}, which the step was seen to read", data)


def _missing_value(workspace: Workspace, record: RecordRow) -> tuple[Reason, ...]:
    if artifacts.get(workspace.database, record.output) is None:
        return (
            Reason(
                "value_gone",
                f"the stored value of run {record.run_number} is gone",
                {"run": record.run_number},
            ),
        )
    return ()
