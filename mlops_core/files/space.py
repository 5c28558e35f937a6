"""Room on a disk: how much is left, and whether a write failed because there is none."""

import errno
import os

from mlops_core.errors import DiskFull

#: The disk is full, a quota is used up, or the file would exceed the size that this process may write.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PROBE = 64 << 10


def free_bytes(folder: str | os.PathLike[str]) -> int:
    """Bytes that this user may still write on the disk of the nearest folder that exists.

    0 where the file system has no room for one more file, however many bytes it has. Raises OSError.
    """
    place = os.path.abspath(folder)
    while not os.path.exists(place):
        place = os.path.dirname(place)
    disk = os.statvfs(place)
    if disk.f_files and not disk.f_favail:  # file systems without a fixed number of files give 0 for both
        return 0
    return disk.f_bavail * disk.f_frsize


def is_full(error: BaseException) -> bool:
    """Whether an error says that there is no room for what was to be written."""
    return isinstance(error, DiskFull) or (isinstance(error, OSError) and error.errno in FULL)


def refusal(folder: str | os.PathLike[str]) -> int:
    """The errno with which the disk refuses a little more data in a folder, 0 where it takes it.

    For errors that do not say why a write failed. The file has no name and goes with this call.
    """
    try:
        descriptor = os.open(folder, os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, 0o600)
    except OSError as error:
        return error.errno if error.errno in FULL else 0
    try:
        if os.pwrite(descriptor, bytes(_PROBE), 0) < _PROBE:
            return errno.ENOSPC
        os.fsync(descriptor)
    except OSError as error:
        return error.errno or 0
    finally:
        os.close(descriptor)
    return 0
