"""File systems whose times do not tell whether a file has changed: memory and network."""

import os
from functools import cache

_UNRELIABLE = frozenset(
    {"tmpfs", "ramfs", "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "lustre", "ceph", "afs", "fuse.sshfs"}
)
_TABLE = "/proc/self/mountinfo"


def is_unreliable(path: str, device: int) -> bool:
    """Whether small files on this device are to be read every time; ``device`` is ``st_dev``."""
    return _type_of(device) in _UNRELIABLE


@cache
def _type_of(device: int) -> str:
    """Type of the mounted file system, empty where the system has no mount table to ask."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        with open(_TABLE, encoding="utf-8", errors="surrogateescape") as table:
            rows = [line.split() for line in table]
    except OSError:
        return ""
    for row in rows:
        if row[2] == wanted:
            return row[row.index("-") + 1]
    return ""
