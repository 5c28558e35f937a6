"""File systems whose times do not tell whether a file has changed: memory, network, folders of a host."""

from functools import cache

from mlops_core.files.filesystems import FileSystem, of_device


def is_unreliable(device: int) -> bool:
    """Whether small files on this device are to be read every time; ``device`` is ``st_dev``."""
    return not _file_system(device).times_tell


@cache
def _file_system(device: int) -> FileSystem:
    return of_device(device)
