"""What differs between the key a step has now and its nearest earlier result.

The nearest result is the one with the fewest differing components among the newest; of equals, the newest
of those with the same arguments: a function called with several values is compared with its own call.
"""

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from operator import itemgetter
from typing import Any

from mlops_core.metadata.records import RecordRow
from mlops_core.planning.artifact_diff import UNKNOWN, Difference
from mlops_core.planning.keys import StepKey
from mlops_core.planning.reasons import Reason

Before = dict[str, Any]
_OF_ARGUMENTS = frozenset({"argument", "input", "input_file"})
#: What there is beside the arguments.
_apart = itemgetter("code_digest", "pins", "environment", "classes", "version")


def explain(
    key: StepKey, nearest: Iterable[RecordRow], outputs_differ: Callable[[str, str], Difference]
) -> tuple[Reason, ...]:
    """Reasons for a miss; ``outputs_differ`` says how two stored values (digests in hex) differ."""
    known = [(record, _components(record.components_json)) for record in nearest]
    known = [(record, before) for record, before in known if _same_function(before, key)]
    if not known:
        return (Reason("first_run", "no earlier result of this step"),)
    after = key.components()
    usual = None if _has_files(after) else _apart(after)
    # How values differ is looked up for the nearest result alone: it reads manifests.
    record, before = min(known, key=lambda one: _distance(one[1], after, usual))
    found = _compared(before, after, record.run_number, outputs_differ)
    return found or (Reason("no_result", "no reusable result under this key"),)


def _unsaid(before: str, after: str) -> Difference:
    return UNKNOWN


@lru_cache(maxsize=256)
def _components(text: str) -> Before:
    """A record's components, which nobody changes: a run's steps are compared with the same few records."""
    found: Before = json.loads(text)
    return found


def _distance(before: Before, after: Any, usual: object) -> tuple[int, bool]:
    """How many reasons there are, and whether one is an argument.

    Where all but arguments is as ``usual``, they are counted without being worded.
    """
    if _apart(before) == usual:
        old, new = before["arguments"], after["arguments"]
        count = sum(_is_other(old.get(name), new.get(name)) for name in {*old, *new})
        return count, count > 0
    found = _compared(before, after, 0, _unsaid)
    return len(found), any(reason.kind in _OF_ARGUMENTS for reason in found)


def _has_files(after: Any) -> bool:
    return any(argument[3] for argument in after["arguments"].values())


def _is_other(was: Any, now: Any) -> bool:
    """Whether an argument counts as changed."""
    return was is None or now is None or not (was[0] == now[0] or now[1] == "ignored")


def _same_function(before: Before, key: StepKey) -> bool:
    """Whether a record is of this function: known by its place or, where it moved, by its code.

    Two files may each have a function of one name; telling them apart line by line would explain nothing.
    """
    if not key.code.parts:
        return True
    first, code = key.code.parts[0], before["code"]
    return first.label in code or any(part[0] == first.digest.hex() for part in code.values())


def _compared(
    before: Before, after: Any, run: int, outputs_differ: Callable[[str, str], Difference]
) -> tuple[Reason, ...]:
    reasons = [
        *_code(before, after, run),
        *_arguments(before, after, run, outputs_differ),
        *_pairs("distribution", "library", before["pins"], _pins(after), run),
        *_pairs("environment", "environment:", before["environment"], after["environment"], run),
        *_classes(before, after, run),
    ]
    if before["version"] != after["version"]:
        data = _data(before["version"], after["version"], run)
        reasons.append(Reason("version", _version(before["version"], after["version"]), data))
    return tuple(reasons)


def _version(before: str, after: str) -> str:
    """What changed of what the step says of itself: its version, the objects it depends on, or both."""
    (old, depended), (new, depends) = (json.loads(text) if text else (None, []) for text in (before, after))
    versions = f"version {old} → {new}" if old != new else ""
    objects = "what it depends on (depends=...) changed" if depended != depends else ""
    return "; ".join(text for text in (versions, objects) if text)


def _pins(after: Any) -> dict[str, str]:
    return dict(after["pins"])


def _data(before: object, after: object, run: int, **more: object) -> dict[str, object]:
    return {"before": before, "after": after, "run": run, **more}


def _code(before: Before, after: Any, run: int) -> list[Reason]:
    if before["code_digest"] == after["code_digest"]:
        return []
    old, new = before["code"], after["code"]
    reasons = [
        _part(label, old.get(label), new.get(label), new, run)
        for label in [*new, *(o for o in old if o not in new)]
    ]
    named = [reason for reason in reasons if reason is not None]
    if named or before["pins"] != after["pins"]:
        return named
    return [Reason("code", "the way its code is wired together changed", {"run": run})]


def _part(label: str, old: Any, new: Any, parts: Any, run: int) -> Reason | None:
    if old is not None and new is not None and old[0] == new[0]:
        return None
    digest, kind, file, line, _ = new or old
    # A constant may differ because it was edited, or because something changed it before the step ran.
    word, differs = ("constant", "changed") if kind == "constant" else ("code", "edited")
    verb = differs if old and new else "added" if new else "no longer used"
    chain = _chain(label, parts) if new else []
    data = {
        "what": kind,
        "where": label,
        "file": file,
        "line": line,
        "run": run,
        "chain": chain,
        "before": old[0] if old else None,
        "after": digest if new else None,
    }
    through = (
        f" (reached through {' → '.join(c.rpartition(':')[2] for c in chain[:-1])})" if len(chain) > 2 else ""
    )
    return Reason("code", f"{word} {label} {verb}{through}", data)


def _chain(label: str, parts: Any) -> list[str]:
    """Labels from the step to the part."""
    chain = [label]
    while (via := parts.get(chain[0], [""] * 5)[4]) and via not in chain:
        chain.insert(0, via)
    return chain


def _arguments(
    before: Before, after: Any, run: int, outputs_differ: Callable[[str, str], Difference]
) -> list[Reason]:
    old, new = before["arguments"], after["arguments"]
    reasons: list[Reason] = []
    for name in [*new, *(o for o in old if o not in new)]:
        was, now = old.get(name), new.get(name)
        if _is_other(was, now):
            reasons.extend(_argument(name, was, now, run, outputs_differ))
    return reasons


def _argument(
    name: str, was: Any, now: Any, run: int, outputs_differ: Callable[[str, str], Difference]
) -> list[Reason]:
    if was is None or now is None:
        text = f"argument {name} {'is new' if now else 'is gone'}: {(now or was)[2]}"
        return [Reason("argument", text, _data(was and was[2], now and now[2], run, what=name))]
    files = [_file(name, path, dict(map(tuple, was[3])).get(path), digest, run) for path, digest in now[3]]
    changed = [reason for reason in files if reason is not None]
    if changed:
        return changed
    data = _data(was[2], now[2], run, what=name, before_digest=was[0], after_digest=now[0])
    how, diff = outputs_differ(was[0], now[0])
    data.update({"how": how, **({"diff": diff} if diff else {})})
    if now[1] == "output":
        return [Reason("input", f"input {name} changed{': ' + how if how else ''}", data)]
    if how or was[2] == now[2]:
        text = f"argument {name} changed{': ' + how if how else ''}"
        return [Reason("argument", text, data)]
    return [Reason("argument", f"argument {name} {was[2]} → {now[2]}", data)]


def _file(name: str, path: str, was: str | None, now: str, run: int) -> Reason | None:
    if was == now:
        return None
    text = f"input file {path} changed" if was else f"argument {name} names another file: {path}"
    return Reason("input_file", text, _data(was, now, run, what=name, where=path))


def _pairs(kind: str, word: str, old: dict[str, str], new: dict[str, str], run: int) -> list[Reason]:
    return [
        Reason(
            kind,
            f"{word} {n} {old.get(n, 'not there')} → {new.get(n, 'not there')}",
            _data(old.get(n), new.get(n), run, what=n),
        )
        for n in sorted({*old, *new})
        if old.get(n) != new.get(n)
    ]


def _classes(before: Before, after: Any, run: int) -> list[Reason]:
    old, new = before["classes"], after["classes"]
    return [
        Reason(
            "code",
            f"class {name} of an input value edited",
            _data(old.get(name), new.get(name), run, what="class", where=name),
        )
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]
