"""What a folder's file system really does, tried out with a small file that goes with the call."""

import errno
import mmap
import os
from contextlib import suppress

from mlops_core.files.atomic import temporary_name


def shares_maps(folder: str | os.PathLike[str]) -> bool:
    """Whether two maps of one file see each other's writes. Raises OSError where nothing can be written."""
    path = temporary_name(os.path.join(folder, "probe"))
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        # A page of a hole would kill the process where there is no room for it.
        if os.pwrite(descriptor, bytes(mmap.PAGESIZE), 0) < mmap.PAGESIZE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return _see_each_other(descriptor)
    finally:
        os.close(descriptor)
        with suppress(OSError):
            os.unlink(path)


def _see_each_other(descriptor: int) -> bool:
    try:
        with mmap.mmap(descriptor, mmap.PAGESIZE) as one, mmap.mmap(descriptor, mmap.PAGESIZE) as other:
            one[0] = 1
            return other[0] == 1
    except OSError:
        return False
