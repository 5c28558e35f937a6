"""Reading a file or a directory into cells: one entry per name, sorted."""

import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from mlops_core.errors import UnstorableValue
from mlops_core.formats.file_cells import put_file
from mlops_core.formats.protocols import Sink

#: The state folder is no content of a project.
_LEFT_OUT = ".mlops"


class Entry(NamedTuple):
    """``path`` is relative to the root and uses ``/`` (the root itself is ``""``), ``kind`` is ``file``,
    ``directory`` or ``link``, ``mode`` the permission bits, ``cells`` a file's content as hexadecimal
    digests, ``target`` what a link says."""

    path: str
    kind: str
    mode: int
    size: int
    cells: tuple[str, ...] = ()
    target: str = ""

    def as_json(self) -> list[object]:
        return [self.path, self.kind, self.mode, self.size, list(self.cells), self.target]

    @classmethod
    def from_json(cls, row: list[object]) -> "Entry":
        path, kind, mode, size, cells, target = row
        return cls(str(path), str(kind), int(mode), int(size), tuple(cells), str(target))  # type: ignore[arg-type, call-overload] # a checked listing


def read_tree(root: str, sink: Sink) -> Iterator[Entry]:
    """The entries of a file or directory, parents before children. A link given as the root is followed."""
    status = os.stat(root)
    if not stat.S_ISDIR(status.st_mode):
        yield _file(root, "", status, sink)
        return
    yield Entry("", "directory", stat.S_IMODE(status.st_mode), 0)
    waiting = [""]
    while waiting:
        for entry in _children(root, waiting.pop(), sink):
            yield entry
            if entry.kind == "directory":
                waiting.append(entry.path)


def _children(root: str, folder: str, sink: Sink) -> Iterator[Entry]:
    for name in sorted(os.listdir(os.path.join(root, folder))):
        if name != _LEFT_OUT:
            yield _entry(root, f"{folder}/{name}" if folder else name, sink)


def _entry(root: str, path: str, sink: Sink) -> Entry:
    full = os.path.join(root, path)
    status = os.lstat(full)
    if stat.S_ISDIR(status.st_mode):
        return Entry(path, "directory", stat.S_IMODE(status.st_mode), 0)
    if stat.S_ISLNK(status.st_mode):
        return _link(root, path, sink)
    return _file(full, path, status, sink)


def _link(root: str, path: str, sink: Sink) -> Entry:
    """A link that stays inside is kept as one; one to a file elsewhere counts as that file."""
    full = os.path.join(root, path)
    target = os.readlink(full)
    inside = os.path.realpath(root)
    if not os.path.isabs(target) and os.path.realpath(full).startswith(inside + os.sep):
        return Entry(path, "link", 0o777, 0, (), target)
    try:
        return _file(full, path, os.stat(full), sink)
    except FileNotFoundError:
        raise _refusal(full, "a link to something that does not exist") from None


def _file(full: str, path: str, status: os.stat_result, sink: Sink) -> Entry:
    if not stat.S_ISREG(status.st_mode):
        raise _refusal(full, "neither a file nor a directory that lies here")
    with open(full, "rb", buffering=0) as stream:
        cells, size = put_file(stream.readinto, status.st_size, sink)
    return Entry(path, "file", stat.S_IMODE(status.st_mode), size, cells)


def _refusal(full: str, what: str) -> UnstorableValue:
    return UnstorableValue(
        f"{full} is {what}, and cannot be stored",
        hint="return a path to plain files and folders",
        path=full,
        type="pathlib.Path",
    )
