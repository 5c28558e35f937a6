"""The one module that renames: a file under its final name is always whole."""

import os

from mlops_core.files.layer import DISK, FileLayer


def write_atomically(
    path: str | os.PathLike[str],
    data: bytes | memoryview,
    *,
    mode: int = 0o644,
    layer: FileLayer = DISK,
    synced: bool = True,
) -> None:
    """Replace the file at ``path`` by ``data``, or leave it as it was.

    The bytes and the name are on the disk when this returns (not ``synced``: a power cut may lose them, and
    the file may be there without them). Raises OSError; nothing is left behind then.
    """
    final = os.fspath(path)
    temporary = temporary_name(final)
    descriptor = layer.create(temporary, mode)
    try:
        try:
            layer.write(descriptor, [data])
            if synced:
                layer.sync(descriptor)
        finally:
            layer.close(descriptor)
        if synced:
            publish(temporary, final, layer=layer)
        else:
            layer.rename(temporary, final)
    except BaseException:
        discard(temporary, layer=layer)
        raise


def temporary_name(final: str) -> str:
    """A free name beside ``final``: renaming works only within one file system."""
    folder, name = os.path.split(final)
    return os.path.join(folder, f".{name[:100]}.{os.getpid()}.{os.urandom(6).hex()}.tmp")


def publish(temporary: str, final: str, *, layer: FileLayer = DISK) -> None:
    """Give a file that is written and synced its final name, and bring the name to the disk."""
    layer.rename(temporary, final)
    layer.sync_folder(os.path.dirname(final) or ".")


def set_aside(path: str, folder: str, *, layer: FileLayer = DISK) -> str:
    """Move a damaged file into ``folder`` under a free name: evidence is kept. Returns the new path."""
    place = _free_name(path, folder)
    layer.rename(path, place)
    return place


def set_copy_aside(path: str, folder: str, *, layer: FileLayer = DISK) -> str:
    """The same with a copy, for a file that stays in use."""
    place = _free_name(path, folder)
    with open(path, "rb") as file:
        write_atomically(place, file.read(), layer=layer)
    return place


def _free_name(path: str, folder: str) -> str:
    os.makedirs(folder, exist_ok=True)
    place = os.path.join(folder, os.path.basename(path))
    number = 1
    while os.path.lexists(place):
        number += 1
        place = os.path.join(folder, f"{os.path.basename(path)}.{number}")
    return place


def discard(temporary: str, *, layer: FileLayer = DISK) -> None:
    """Remove a temporary file after a failure; a second failure must not hide the first."""
    try:
        layer.remove(temporary)
    except OSError:
        return
