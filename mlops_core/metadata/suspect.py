"""A note beside a database in which damage was met, so that whoever opens it next reads the whole file first.

Damage in the middle of a file shows only when that page is read: without the note every later command
would end there again.
"""

import os
from contextlib import suppress

_SUFFIX = ".suspect"


def note(path: str) -> None:
    """Leave the note, where that is possible."""
    with suppress(OSError), open(path + _SUFFIX, "ab"):
        pass


def is_noted(path: str) -> bool:
    """Whether damage was met since the file was last read as a whole."""
    return os.path.exists(path + _SUFFIX)


def clear(path: str) -> None:
    """Take the note away: the file is sound, or was moved aside."""
    with suppress(OSError):
        os.unlink(path + _SUFFIX)
