"""File systems: which one a path lies on, and what is known of each kind."""

import os
from pathlib import Path

import pytest

from mlops_core.files.filesystems import FileSystem, of_device, of_path

TABLE = r"""23 29 0:21 / /proc rw,nosuid shared:13 - proc proc rw
29 1 254:0 / / rw,relatime - ext4 /dev/vda rw
31 29 0:44 / /mnt/a\040b rw master:1 shared:2 - fuse.sshfs me@there:/ rw
32 29 0:45 / /mnt/share rw - nfs4 host:/x rw
33 32 0:46 / /mnt/share/inner rw - tmpfs tmpfs rw
34 29 0:47 / /mnt/share/inner rw - ext4 /dev/vdb rw
"""


@pytest.fixture
def table(tmp_path: Path) -> str:
    file = tmp_path / "mountinfo"
    file.write_text(TABLE)
    return str(file)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/proc/1", "proc"),
        ("/home/me", "ext4"),
        ("/mnt/a b/c", "fuse.sshfs"),
        ("/mnt/share/x/y", "nfs4"),
        ("/mnt/shared", "ext4"),
        ("/mnt/share/inner/z", "ext4"),
        ("/mnt/share", "nfs4"),
    ],
)
def test_the_longest_mount_point_counts_and_of_equal_ones_the_last(path: str, kind: str, table: str) -> None:
    assert of_path(path, table).kind == kind


def test_a_device_is_looked_up_by_its_number(table: str) -> None:
    assert of_device(os.makedev(254, 0), table).kind == "ext4"
    assert of_device(os.makedev(0, 44), table) == FileSystem("fuse.sshfs", "/mnt/a b")
    assert of_device(os.makedev(9, 9), table) == FileSystem()


def test_without_a_table_nothing_is_known(tmp_path: Path) -> None:
    assert of_path(tmp_path, str(tmp_path / "absent")) == FileSystem()
    assert FileSystem().times_tell
    assert FileSystem().shares_memory


def test_this_machine_says_where_this_folder_is(tmp_path: Path) -> None:
    if not os.path.exists("/proc/self/mountinfo"):
        pytest.skip("no table here")
    assert of_path(tmp_path).kind


@pytest.mark.parametrize(
    ("kind", "times_tell", "shares_memory"),
    [
        ("ext4", True, True),
        ("xfs", True, True),
        ("btrfs", True, True),
        ("overlay", True, True),
        ("fuseblk", True, True),
        ("tmpfs", False, True),
        ("nfs", False, False),
        ("nfs4", False, False),
        ("cifs", False, False),
        ("smb3", False, False),
        ("lustre", False, False),
        ("9p", False, False),
        ("vboxsf", False, False),
        ("virtiofs", False, False),
        ("fuse.sshfs", False, False),
        ("fuse.juicefs", False, False),
        ("fuse.ext2", False, True),
    ],
)
def test_what_is_known_of_each_kind(kind: str, times_tell: bool, shares_memory: bool) -> None:
    found = FileSystem(kind, "/mnt")
    assert (found.times_tell, found.shares_memory) == (times_tell, shares_memory)
