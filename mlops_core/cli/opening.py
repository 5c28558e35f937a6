"""The project of a command: its root, and its workspace."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_core.errors import DiskFull, StateNotWritable, UsageError

if TYPE_CHECKING:
    from mlops_core.workspace.workspace import Workspace


def current_root() -> Path:
    """The project root of a command without target: looked for from the current folder."""
    from mlops_core.config.project import find_root

    return find_root(current_folder())


def current_folder() -> Path:
    """The current folder. Raises UsageError where it was removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise UsageError("the current folder does not exist any more", hint="cd to one that does") from None


@contextmanager
def workspace_at(root: Path, *, readonly: bool = False) -> "Iterator[Workspace]":
    """The workspace of a project root, closed at the end of the block.

    Runs whose process is gone get their status first, so that no command shows a killed run as running.
    """
    from mlops_core.workspace.workspace import open_workspace

    with open_workspace(root, readonly=readonly) as workspace:
        _mark_interrupted(workspace)
        yield workspace


@contextmanager
def planning_workspace_at(root: Path) -> "Iterator[Workspace]":
    """The workspace for a plan, which can do without writing: a read-only project can be planned, too."""
    from mlops_core.workspace.state import make_state, state_folder

    try:
        make_state(state_folder(root))
        readonly = False
    except (StateNotWritable, DiskFull):
        readonly = True
    with workspace_at(root, readonly=readonly) as workspace:
        yield workspace


def _mark_interrupted(workspace: "Workspace") -> None:
    from mlops_core.metadata.runs import RUNNING, listing, mark_interrupted
    from mlops_core.workspace.workspace import open_workspace

    if not workspace.readonly:
        with suppress(DiskFull):  # the next command that finds room for it does it
            mark_interrupted(workspace.database)
        return
    some, _ = listing(workspace.database, status=RUNNING, limit=1)
    # A folder that cannot be written cannot be corrected: then the run is shown as it is recorded.
    with suppress(StateNotWritable, DiskFull):
        if some:
            with open_workspace(workspace.root) as writable:
                mark_interrupted(writable.database)
