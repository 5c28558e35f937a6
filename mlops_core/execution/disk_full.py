"""What is said, and what is tidied, where the disk is full while a result is stored."""

import errno
from contextlib import suppress

from mlops_core.config.sizes import size_text
from mlops_core.errors import DiskFull, MlopsError
from mlops_core.files.space import free_bytes
from mlops_core.workspace.workspace import Workspace

_WHAT = {
    errno.EDQUOT: "the disk quota of this user is used up",
    errno.EFBIG: "a file would become larger than this process may write (ulimit -f)",
}


def explained(workspace: Workspace, needed: int, error: OSError) -> DiskFull:
    """The error for a result that found no room; called when everything written of it is gone again.

    ``needed`` are the bytes that it is known to take.
    """
    folder = workspace.state_dir
    what = _WHAT.get(error.errno or 0, f"the disk of {folder} is full")
    free = free_bytes(folder)
    return DiskFull(
        f"{what}: the result takes at least {size_text(needed)}, and {size_text(free)} are free in {folder}",
        hint=f"{would_free(workspace)}; make room, then give the same command again: finished steps are kept",
        needed=needed,
        free=free,
    )


def would_free(workspace: Workspace) -> str:
    """A sentence about what a collection would give back now."""
    from mlops_core.execution.upkeep.choice import Rules
    from mlops_core.execution.upkeep.collect import forecast

    try:
        freed = forecast(workspace, Rules(budget=workspace.settings.store.budget)).freed
    except (MlopsError, OSError):  # a damaged index: there `store verify` comes first
        return "`mlops store status` shows what the store holds"
    if freed:
        return f"`mlops store gc` would free {size_text(freed)}"
    return "`mlops store gc` alone would free nothing (with --budget or --older-than it removes results)"


def remove_unrecorded(workspace: Workspace) -> None:
    """Remove segments that were written and could not be recorded; what fails is left to `store gc`."""
    from mlops_core.execution.upkeep.compaction import sweep

    with suppress(MlopsError, OSError), workspace.store.upkeep().alone() as in_use:
        sweep(workspace, in_use)
