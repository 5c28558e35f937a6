"""The copies of stored files that steps and callers were given: they can be made again from the store."""

import os
import shutil

from mlops_core.files.atomic import set_aside
from mlops_core.formats.copies import UNUSED
from mlops_core.metadata import holdings
from mlops_core.metadata.holdings import Read
from mlops_core.workspace.workspace import Workspace

_COPIES = ("files", "inputs")


def take_away(workspace: Workspace, read: Read) -> None:
    """Move the copies out of sight, unless a run goes on whose steps or program may have their paths.

    Called in a transaction: no run begins before it ends.
    """
    if holdings.running(read):
        return
    folder = workspace.state_dir / "tmp"
    for name in _COPIES:
        if (folder / name).is_dir():
            set_aside(str(folder / name), str(folder / UNUSED))


def remove_taken(workspace: Workspace) -> None:
    """Delete what was moved away, now or by a collection that was killed."""
    place = workspace.state_dir / "tmp" / UNUSED
    for folder, _, _ in os.walk(place):
        os.chmod(folder, 0o700)  # copies are read-only, and nothing goes from a folder that is
    shutil.rmtree(place, ignore_errors=True)
