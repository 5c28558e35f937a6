"""What the file system says about a file, by which a change of it is noticed without reading it."""

import os


def stat_signature(status: os.stat_result) -> tuple[int, int, int, int]:
    """``(size in bytes, mtime in ns, ctime in ns, inode)`` of a stat result.

    The ctime is in it because a restored mtime (``cp -p``, ``tar``) hides a change, the inode because a
    rename over the file may keep the rest.
    """
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def path_signature(path: str) -> tuple[int, int, int, int] | None:
    """The signature of what lies at a path, None where there is nothing."""
    try:
        return stat_signature(os.stat(path))
    except OSError:
        return None
