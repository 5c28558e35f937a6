"""What a step was seen to do that keeps its result from being reused (docs/caching.md)."""

import os
from typing import Any

from mlops_core.execution.task import StepTask
from mlops_core.files.signature import path_signature
from mlops_core.fingerprints.code.effects import starts_processes
from mlops_core.fingerprints.files import StatCache, path_digest
from mlops_core.planning.inputs import FileInput
from mlops_core.tracing.native_classes import WATCHED
from mlops_core.tracing.places import Places
from mlops_core.tracing.recorder import Seen

ACCEPT = "whose answers are no input of it (cache=True, or a time, accepts that)"


def not_skippable(task: StepTask, result: Any, seen: Seen, returned: list[str], places: Places) -> str:
    """Why the step must run again next time whatever its inputs, or ''.

    ``cache=True`` (or a time) on the step accepts all of it.
    """
    if task.cache:
        return ""
    if result is None and task.unannotated:
        return "it returns nothing, so it is run for what it does (cache=True: once per distinct inputs)"
    named = undeclared_writes(task, seen, returned, places)
    if named:
        return f"it writes {named}, which it does not declare (return the path, or annotate it Output)"
    return _outside(seen, places) or _unobserved(task, seen)


def undeclared_writes(task: StepTask, seen: Seen, returned: list[str], places: Places) -> str:
    """Names of what the step wrote without declaring it, or ''.

    Folders on the way to what it declares do not count.
    """
    declared = [*returned, *(path for _, path in task.destinations)]
    undeclared = [
        p for p in seen.writes if not _within(p, returned) and not any(_within(d, [p]) for d in declared)
    ]
    return _named(undeclared, places) if undeclared else ""


def _outside(seen: Seen, places: Places) -> str:
    """What the step used that is no input and can change unseen, or ''."""
    if seen.databases:
        return f"it uses the database {_named(seen.databases, places)}, {ACCEPT}"
    if seen.connected:
        return f"it talks to the network ({seen.connected[0]}), {ACCEPT}"
    return f"something it did could not be taken down ({seen.lost[0]})" if seen.lost else ""


def _unobserved(task: StepTask, seen: Seen) -> str:
    """Native readers that were, or may have been, given a path: what they read is not observed."""
    if task.record is None or task.record.unobserved_ok:
        return ""
    starters = {r for r in task.record.readers if starts_processes(r)}
    used = {r for r in task.record.readers if r not in WATCHED} - starters | set(seen.readers)
    used |= starters if seen.started_processes else set()
    if not used:
        return ""
    named = ", ".join(sorted(used))
    return f"what {named} reads is not observed, so it runs every time: declare the file as a Path argument"


def unrecordable(task: StepTask, seen: Seen, places: Places, stat_cache: StatCache) -> str:
    """Why this result must not be kept for reuse at all, or '': an input changed while the step ran."""
    changed = [*seen.changed, *(i.path for i in task.file_inputs if _changed(i, stat_cache))]
    if not changed:
        return ""
    return f"its input {_named(changed, places)} changed while it ran, so the result is not kept for reuse"


def _changed(given: FileInput, stat_cache: StatCache) -> bool:
    """Whether a file input is not what it was when the key was made; a folder is looked through again."""
    try:
        if os.path.isdir(given.path):
            return path_digest(given.path, stat_cache).hex() != given.digest
    except OSError:
        return True
    return path_signature(given.path) != given.signature


def _within(path: str, folders: list[str]) -> bool:
    return any(path == f or path.startswith(os.path.join(f, "")) for f in folders)


def _named(paths: list[str], places: Places) -> str:
    names = [places.name(p) for p in paths[:3]]
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return ", ".join(names) + more
