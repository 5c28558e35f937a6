"""The file of a snapshot: a checksum, and what Python reads without an import (docs/formats/snapshots.md)."""

import marshal
import os

from mlops_core.engine._hash import xxh3_128

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAGIC = b"mlops snapshot/1"
_HEADER = len(MAGIC) + 16
_VERSION = 4  # of marshal
#: Snapshots beyond this many make room for newer ones.
MOST = 64


def read(path: str) -> "dict[str, Any] | None":
    """The snapshot in a file; None where there is none, or a damaged one."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return None
    body = content[_HEADER:]
    if content[: len(MAGIC)] != MAGIC or xxh3_128(body) != content[len(MAGIC) : _HEADER]:
        return None
    found: dict[str, Any] = marshal.loads(body)
    return found


def write(path: str, snapshot: "dict[str, Any]") -> None:
    """Put a snapshot where ``read`` finds it. Raises OSError.

    Nothing is synced: after a power cut the checksum does not match, and the run goes the normal way.
    """
    from mlops_core.files.atomic import write_atomically

    body = marshal.dumps(snapshot, _VERSION)
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    write_atomically(path, MAGIC + xxh3_128(body) + body, synced=False)
    _make_room(folder)


def _make_room(folder: str) -> None:
    with os.scandir(folder) as entries:
        found = sorted((entry.stat().st_mtime_ns, entry.path) for entry in entries)
    for _, path in found[:-MOST]:
        remove(path)


def remove(path: str) -> None:
    """Forget a snapshot, if it is there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
