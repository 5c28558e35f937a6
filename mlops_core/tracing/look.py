"""How paths of the file system look now: what observations of them compare.

A module of its own, and one that imports next to nothing: a run that is answered from its snapshot looks at
these alone. The functions are the originals, also while a recording has put its own into ``os``.
"""

import os
import stat
from os import lstat, readlink, scandir
from os import stat as stat_of

from mlops_core.engine._hash import xxh3_128

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

ABSENT = "absent"
_OURS = ("__pycache__", ".mlops")
_IMPORTABLE = (".py", ".pyc", ".so", ".pyd", ".pth", ".zip", ".egg-link")


def _listing(path: str) -> str:
    return _listed(path, _kind_of)


def _entries(path: str) -> str:
    return _listed(path, lambda entry: f"{_kind_of(entry)}{_size_and_time(entry)}")


def _imports(path: str) -> str:
    """What an import could find in a folder: its modules and its folders."""
    try:
        with scandir(path) as found:
            names = sorted(e.name for e in found if e.name.endswith(_IMPORTABLE) or e.is_dir())
    except OSError:
        return ABSENT
    return _digest([name for name in names if name not in _OURS])


def _listed(path: str, describe: "Callable[[os.DirEntry[str]], str]") -> str:
    try:
        with scandir(path) as found:
            texts = sorted(f"{e.name}/{describe(e)}" for e in found if e.name not in _OURS)
    except OSError:
        return ABSENT
    return _digest(texts)


def _digest(texts: list[str]) -> str:
    return xxh3_128("\0".join(texts).encode("utf-8", "surrogateescape")).hex()


def _kind_of(entry: "os.DirEntry[str]") -> str:
    kind = "folder" if entry.is_dir() else "file"
    return f"link to a {kind}" if entry.is_symlink() else kind


def _size_and_time(entry: "os.DirEntry[str]") -> str:
    if entry.is_dir():
        return ""
    try:
        found = entry.stat()
    except OSError:
        return ABSENT
    return f" {found.st_size} {found.st_mtime_ns}"


def _probe(path: str) -> str:
    try:
        linked = stat.S_ISLNK(lstat(path).st_mode)
    except OSError:
        return ABSENT
    return f"link to {_behind(path)}" if linked else _behind(path)


def _behind(path: str) -> str:
    try:
        found = stat_of(path)
    except OSError:
        return ABSENT
    if stat.S_ISDIR(found.st_mode):
        return "folder"
    return f"file of {found.st_size} bytes" if stat.S_ISREG(found.st_mode) else "special"


def _times(path: str) -> str:
    try:
        return f"changed at {stat_of(path).st_mtime_ns} ns"
    except OSError:
        return ABSENT


def _link(path: str) -> str:
    try:
        return f"-> {readlink(path)}"
    except OSError:
        return ABSENT


OF_PATHS: "dict[str, Callable[[str], str]]" = {
    "listing": _listing, "entries": _entries, "probe": _probe, "times": _times, "link": _link,
    "imports": _imports,
}  # fmt: skip


def seen_text(value: bytes | str | None) -> str:
    """A variable's value as an observation: it may be a secret, so only its digest is kept."""
    if value is None:
        return ABSENT
    return xxh3_128(value if isinstance(value, bytes) else os.fsencode(value)).hex()


def of_environment(name: str) -> str:
    """An environment variable; all of them where ``name`` is empty. No recording sees the question."""
    variables = os.environ._data  # type: ignore[attr-defined]
    if not name:
        return seen_text(repr(sorted(variables.items())).encode())
    return seen_text(variables.get(os.environ.encodekey(name)))
