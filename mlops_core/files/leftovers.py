"""Temporary files of atomic writes (atomic.py) that a killed process has left."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress

from mlops_core.clock import SYSTEM, Clock

_NAME = re.compile(r"\..+\.(\d+)\.[0-9a-f]{12}\.tmp")
#: Seconds that a file is left alone whatever its process: that may be one of another machine.
_PATIENCE = 3600.0


def half_done(folder: str | os.PathLike[str], clock: Clock = SYSTEM) -> Iterator[str]:
    """The paths of those in a folder whose process is gone and that nobody has written to for an hour."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            found = _NAME.fullmatch(entry.name)
            if found and not _lives(int(found[1])) and _age(entry, clock) > _PATIENCE:
                yield entry.path


def _age(entry: os.DirEntry[str], clock: Clock) -> float:
    try:
        return clock.now() - entry.stat(follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return 0.0


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
