"""The state folder of a project: where it is, what it is made of, and whether this version may use it."""

import os
from pathlib import Path

from mlops_core.config.environment import STATE_DIR, state_dir
from mlops_core.config.project import STATE_FOLDER
from mlops_core.errors import DamagedState, DiskFull, NewerState, StateNotWritable
from mlops_core.files.atomic import write_atomically
from mlops_core.files.space import free_bytes, is_full

#: The version of the folder's layout; the database and every file format carry versions of their own.
VERSION = 1

FOLDERS = ("locks", "objects", "tmp")
README = """This folder is the memory of a project: what ran, with which inputs, and what came out of it.

    mlops.db    runs, steps, reasons, parameters, metrics (SQLite; views v_... may be queried)
    objects/    the stored values
    stat-cache  which files need not be read again (may be deleted)
    locks/      lock files; never delete one while something runs
    tmp/        files on their way to their place

It was made by `mlops` (the Python package mlops-embedded). It can be copied and moved as a whole.
Deleting it forgets all runs and every cached result, and nothing else: no file of yours lives here.
"""


def state_folder(root: Path) -> Path:
    """``.mlops`` at the root, or the folder that ``MLOPS_STATE_DIR`` names (relative to the root)."""
    elsewhere = state_dir()
    return root / Path(elsewhere).expanduser() if elsewhere else root / STATE_FOLDER


def check_version(folder: Path) -> None:
    """Raises ``NewerState`` for a folder of a newer version, ``DamagedState`` for an unreadable one."""
    try:
        text = (folder / "VERSION").read_text(encoding="ascii", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return
    if not text.isdecimal():
        raise DamagedState(
            f"{folder / 'VERSION'} does not hold a version but {text[:20]!r}",
            hint=f"If this folder was made by this version of mlops, write {VERSION} into the file.",
            file=str(folder / "VERSION"),
        )
    if int(text) > VERSION:
        raise NewerState(
            f"{folder} was written by a newer version of mlops (layout {text}, this one knows {VERSION})",
            hint="Update this one: pip install --upgrade mlops-embedded. Or keep the state apart: "
            f"set {STATE_DIR} to another folder.",
            folder=str(folder),
            version=int(text),
        )


def make_state(folder: Path) -> None:
    """Create what is missing of the folder. Raises ``StateNotWritable`` with the way out."""
    try:
        for name in FOLDERS:
            os.makedirs(folder / name, exist_ok=True)
        for name, text in ((".gitignore", "*\n"), ("README.txt", README), ("VERSION", f"{VERSION}\n")):
            if not (folder / name).exists():
                write_atomically(folder / name, text.encode())
    except OSError as error:
        if is_full(error):
            raise DiskFull(
                f"the state folder {folder} cannot be made: {error.strerror}",
                hint=f"Make room on the disk, or set {STATE_DIR} to a folder on another one.",
                free=free_bytes(folder),
            ) from error
        raise StateNotWritable(
            f"the state folder {folder} cannot be written: {error.strerror or error}",
            hint=f"Keep the state elsewhere: set {STATE_DIR} to a folder that can be written.",
            folder=str(folder),
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StateNotWritable(
            f"the state folder {folder} may not be written by this user",
            hint=f"Keep the state elsewhere: set {STATE_DIR} to a folder that can be written.",
            folder=str(folder),
        )
