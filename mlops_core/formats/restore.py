"""Writing stored files and directories back, whole or not at all."""

import os
from collections.abc import Iterator, Sequence

from mlops_core.files.atomic import discard, publish, temporary_name
from mlops_core.formats.cells import digests
from mlops_core.formats.protocols import Source
from mlops_core.formats.tree import Entry

_NO_WRITE = ~0o222
#: Cells that are looked up, and unpacked where they are packed, together.
_AT_ONCE = 256


def restore_tree(entries: Sequence[Entry], source: Source, destination: str, readonly: bool) -> None:
    """Build the tree under a temporary name beside ``destination``, then give it its name."""
    temporary = temporary_name(destination)
    try:
        if entries[0].kind == "directory":
            _directory(entries, source, temporary, readonly)
        else:
            _file(entries[0], source, temporary, readonly)
        publish(temporary, destination)
    except BaseException:
        _drop(temporary)
        raise


def _directory(entries: Sequence[Entry], source: Source, root: str, readonly: bool) -> None:
    folders = []
    for entry in entries:
        place = os.path.join(root, entry.path) if entry.path else root
        if entry.kind == "directory":
            os.mkdir(place)
            folders.append((place, entry.mode))
        elif entry.kind == "link":
            os.symlink(entry.target, place)
        else:
            _file(entry, source, place, readonly)
    # Modes last and from the inside out: nothing can be made in a folder without the right to write.
    for place, mode in reversed(folders):
        os.chmod(place, mode & _NO_WRITE if readonly else mode)


def _file(entry: Entry, source: Source, place: str, readonly: bool) -> None:
    with open(place, "xb", buffering=0) as stream:
        for cell in cells_of(entry, source):
            _write(stream.fileno(), cell)
        os.fchmod(stream.fileno(), entry.mode & _NO_WRITE if readonly else entry.mode)


def cells_of(entry: Entry, source: Source) -> Iterator[memoryview]:
    """The content of a file, cell by cell."""
    for start in range(0, len(entry.cells), _AT_ONCE):
        yield from source.buffers(digests(entry.cells[start : start + _AT_ONCE]))


def _write(descriptor: int, view: memoryview) -> None:
    while view.nbytes:
        view = view[os.write(descriptor, view) :]


def _drop(temporary: str) -> None:
    if os.path.isdir(temporary) and not os.path.islink(temporary):
        import shutil

        for folder, _, _ in os.walk(temporary):
            os.chmod(folder, 0o700)
        shutil.rmtree(temporary, ignore_errors=True)
    else:
        discard(temporary)
