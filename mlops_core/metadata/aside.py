"""Move a damaged database out of the way, whole: evidence is kept, never deleted."""

import os

from mlops_core.files.atomic import set_aside

_PARTS = ("", "-wal", "-shm", "-journal")


def move_aside(path: str) -> str:
    """Move the file and what SQLite keeps beside it into one new folder; returns that folder."""
    parent = os.path.join(os.path.dirname(path), "damaged")
    number = 1
    while os.path.lexists(os.path.join(parent, f"{os.path.basename(path)}.{number}")):
        number += 1
    folder = os.path.join(parent, f"{os.path.basename(path)}.{number}")
    for part in _PARTS:
        if os.path.lexists(path + part):
            set_aside(path + part, folder)
    return folder
