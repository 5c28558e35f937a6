"""The state folder of the current project: there, sound, writable, on a fit file system, with room."""

import os
from pathlib import Path

from mlops_core.cli.checks import database, leftovers, time, volume
from mlops_core.cli.checks.check import BROKEN, OK, WARNING, Check
from mlops_core.cli.opening import current_root, workspace_at
from mlops_core.cli.render.amounts import counted, size
from mlops_core.config.project import read_settings
from mlops_core.errors import MlopsError
from mlops_core.files.space import free_bytes
from mlops_core.workspace.state import state_folder

LOW = 1 << 30  # bytes free below which a run may well not finish


def checks() -> list[Check]:
    """Folder, file system, contents, leftovers, clock, disk."""
    try:
        root = current_root()
        settings = read_settings(root)
        folder = state_folder(root)
    except MlopsError as error:
        return [Check("project", BROKEN, error.message, error.hint)]
    # The database is looked at before the state is opened: that would mend a damaged one.
    below = [folder_check(folder), *volume.checks(folder), *database.check(folder)]
    contents, used = contents_checks(folder)
    return [
        *below,
        *contents,
        *leftovers.check(folder),
        *time.check(folder),
        disk_check(folder, free_bytes(folder), used, settings.store.budget),
    ]


def folder_check(folder: Path) -> Check:
    """Whether we may write there, or could make it."""
    place = folder
    while not place.exists():
        place = place.parent
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        advice = "give yourself the right to write there, or put the state elsewhere: MLOPS_STATE_DIR=FOLDER"
        return Check("state folder", BROKEN, f"{place} is not writable", advice)
    return Check("state folder", OK, f"{folder}" if folder.exists() else f"{folder} (made by the first run)")


def contents_checks(folder: Path) -> tuple[list[Check], int]:
    """Whether the state that is there can be opened, and the bytes of its segments."""
    if not folder.exists():
        return [], 0
    try:
        with workspace_at(current_root(), readonly=True) as workspace:
            status = workspace.store.status()
    except MlopsError as error:
        return [Check("state", BROKEN, error.message, error.hint)], 0
    found = f"{size(status.bytes)} in {counted(status.segments, 'segment')}"
    return [Check("state", OK, found)], status.bytes


def disk_check(folder: Path, free: int, used: int = 0, budget: int | None = None) -> Check:
    """Whether there is room, also for the store to grow to its budget; all in bytes."""
    found = f"{size(free)} free at {folder}"
    if free < LOW:
        return Check("disk", WARNING, found, "make room: a run that fills the disk stops")
    if budget is not None and budget - used > free:
        found += f", and [store] budget = {size(budget)} lets the store grow by {size(budget - used)}"
        return Check(
            "disk", WARNING, found, "lower the budget, or make room: a run that fills the disk stops"
        )
    return Check("disk", OK, found)
