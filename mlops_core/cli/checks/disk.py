"""Room on the disk of a folder."""

import os
from pathlib import Path


def free_bytes(folder: Path) -> int:
    """Bytes that this user may still write on the disk of the nearest folder that exists."""
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    disk = os.statvfs(existing)
    return disk.f_bavail * disk.f_frsize
