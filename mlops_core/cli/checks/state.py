"""The state folder of the current project: there, readable, writable, with room on its disk."""

import os
from pathlib import Path

from mlops_core.cli.checks.check import BROKEN, OK, WARNING, Check
from mlops_core.cli.opening import current_root, workspace_at
from mlops_core.cli.render.amounts import counted, size
from mlops_core.config.project import read_settings
from mlops_core.errors import MlopsError
from mlops_core.files.space import free_bytes
from mlops_core.workspace.state import state_folder

LOW = 1 << 30  # bytes free below which a run may well not finish


def checks() -> list[Check]:
    """Folder, contents, disk."""
    try:
        root = current_root()
        read_settings(root)
        folder = state_folder(root)
    except MlopsError as error:
        return [Check("project", BROKEN, error.message, error.hint)]
    return [folder_check(folder), *contents_checks(folder), disk_check(folder, free_bytes(folder))]


def folder_check(folder: Path) -> Check:
    """Whether we may write there, or could make it."""
    place = folder
    while not place.exists():
        place = place.parent
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        advice = "give yourself the right to write there, or put the state elsewhere: MLOPS_STATE_DIR=FOLDER"
        return Check("state folder", BROKEN, f"{place} is not writable", advice)
    return Check("state folder", OK, f"{folder}" if folder.exists() else f"{folder} (made by the first run)")


def contents_checks(folder: Path) -> list[Check]:
    """Whether the state that is there can be opened."""
    if not folder.exists():
        return []
    try:
        with workspace_at(current_root(), readonly=True) as workspace:
            status = workspace.store.status()
    except MlopsError as error:
        return [Check("state", BROKEN, error.message, error.hint)]
    if status.damaged:
        found = f"{counted(status.damaged, 'damaged file')} set aside in {folder}"
        return [
            Check("state", WARNING, found, "nothing reads them; what they held is made again when needed")
        ]
    return [Check("state", OK, f"{size(status.bytes)} in {counted(status.segments, 'segment')}")]


def disk_check(folder: Path, free: int) -> Check:
    """Whether there is room; ``free`` in bytes."""
    found = f"{size(free)} free at {folder}"
    if free < LOW:
        return Check("disk", WARNING, found, "make room: a run that fills the disk stops")
    return Check("disk", OK, found)
