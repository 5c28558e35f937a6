"""File systems whose times do not tell whether a file has changed: memory and network."""

import os
from functools import cache

_MEMORY = {"tmpfs", "ramfs", "devtmpfs", "proc", "sysfs"}
_NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "lustre", "ceph", "afs", "beegfs", "gpfs"}
_OF_A_HOST = {"virtiofs", "vboxsf"}  # folders shared with a virtual machine
_UNRELIABLE = _MEMORY | _NETWORK | _OF_A_HOST
_TABLE = "/proc/self/mountinfo"


def is_unreliable(device: int) -> bool:
    """Whether small files on this device are to be read every time; ``device`` is ``st_dev``."""
    kind = _type_of(device)
    return kind in _UNRELIABLE or kind.startswith("fuse.")  # anything may stand behind those: sshfs, rclone


@cache
def _type_of(device: int) -> str:
    """Type of the mounted file system, empty where the system has no mount table to ask."""
    try:
        with open(_TABLE, encoding="utf-8", errors="surrogateescape") as table:
            return type_in(table.read(), device)
    except OSError:
        return ""


def type_in(table: str, device: int) -> str:
    """The type that a mount table (``proc_pid_mountinfo(5)``) gives a device; empty where it is not in it."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for row in (line.split() for line in table.splitlines()):
        if row[2] == wanted:
            return row[row.index("-") + 1]
    return ""
