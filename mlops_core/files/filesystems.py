"""Which file system a path lies on, and what of it can be counted on.

Known by the kinds of ``/proc/self/mountinfo`` (proc_pid_mountinfo(5)); a system without that table is taken
for one with local disks, and what a kind does not say is probed (probes.py).
"""

import os
import re
from typing import NamedTuple

TABLE = "/proc/self/mountinfo"

_MEMORY = {"tmpfs", "ramfs", "devtmpfs", "proc", "sysfs", "hugetlbfs"}
_NETWORK = {
    "nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "9p", "lustre", "ceph", "afs", "beegfs", "gpfs",
    "glusterfs", "ncpfs", "orangefs", "pvfs2", "panfs", "wekafs", "coda", "ocfs2", "gfs2",
}  # fmt: skip
_OF_A_HOST = {"virtiofs", "vboxsf", "vmhgfs", "prl_fs", "drvfs"}  # folders shared with a virtual machine
_NETWORK_PROGRAMS = (
    "glusterfs", "ceph", "sshfs", "s3fs", "gcsfuse", "rclone", "juicefs", "goofys", "davfs", "mount-s3",
    "blobfuse", "vmhgfs",
)  # fmt: skip
_ESCAPE = re.compile(r"\\([0-7]{3})")


class FileSystem(NamedTuple):
    """``kind`` as the system names it (``nfs4``, ``fuse.sshfs``), ``point`` where it is mounted.

    Both are empty where nothing tells.
    """

    kind: str = ""
    point: str = ""

    @property
    def is_memory(self) -> bool:
        """Whether what lies there goes with the power."""
        return self.kind in _MEMORY

    @property
    def is_network(self) -> bool:
        """Whether several machines may have it mounted."""
        program = self.kind.removeprefix("fuse.")
        return self.kind in _NETWORK or (program != self.kind and program.startswith(_NETWORK_PROGRAMS))

    @property
    def is_of_a_host(self) -> bool:
        """Whether it is a folder of the machine that runs this virtual one."""
        return self.kind in _OF_A_HOST

    @property
    def is_a_program(self) -> bool:
        """Whether a program answers for it: it may do anything."""
        return self.kind.startswith("fuse.")

    @property
    def times_tell(self) -> bool:
        """Whether a small file that changed surely has another mtime, ctime, size or inode."""
        return not (self.is_memory or self.is_network or self.is_of_a_host or self.is_a_program)

    @property
    def shares_memory(self) -> bool:
        """Whether processes that map a file see each other's writes, as SQLite's WAL needs it."""
        return not (self.is_network or self.is_of_a_host)


def of_path(path: str | os.PathLike[str], table: str = TABLE) -> FileSystem:
    """The file system of the place at a path, which need not exist."""
    place = os.path.join(os.path.realpath(path), "")
    found = FileSystem()
    for _, mounted in _mounts(table):
        # Of several mounts at one point the last one hides the others.
        if place.startswith(os.path.join(mounted.point, "")) and len(mounted.point) >= len(found.point):
            found = mounted
    return found


def of_device(device: int, table: str = TABLE) -> FileSystem:
    """The file system of a device number (``st_dev``)."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    return next((mounted for number, mounted in _mounts(table) if number == wanted), FileSystem())


def _mounts(table: str) -> list[tuple[str, FileSystem]]:
    """``(major:minor, file system)`` of every line, in order; nothing where there is no table."""
    try:
        with open(table, encoding="utf-8", errors="surrogateescape") as lines:
            rows = [line.split(" ") for line in lines]
    except OSError:
        return []
    return [(row[2], FileSystem(row[row.index("-") + 1], _plain(row[4]))) for row in rows if "-" in row]


def _plain(text: str) -> str:
    """A field of the table: spaces and the like are written as octal numbers of bytes."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 8)), text)
