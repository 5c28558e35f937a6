"""From words on the command line to open things: the target's pipeline, the workspace."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlops_core.workspace.workspace import Workspace


def current_root() -> Path:
    """The project root of a command without target: looked for from the current folder."""
    from mlops_core.config.project import find_root

    return find_root(Path.cwd())


@contextmanager
def workspace_at(root: Path, *, readonly: bool = False) -> "Iterator[Workspace]":
    """The workspace of a project root, closed at the end of the block."""
    from mlops_core.workspace.workspace import open_workspace

    workspace = open_workspace(root, readonly=readonly)
    try:
        yield workspace
    finally:
        workspace.close()


def state_folder(root: Path) -> Path:
    """Where the state of a project is, there or not: ``.mlops``, or what ``MLOPS_STATE_DIR`` says."""
    import os

    elsewhere = os.environ.get("MLOPS_STATE_DIR")
    return Path(elsewhere) if elsewhere else root / ".mlops"
