"""Look at an undeclared input again: does it still look as it did when the step ran?

Kinds: ``file`` (content of a file, or ``absent``), ``listing`` (names in a folder, and which are folders or
links), ``entries`` (the same with sizes and times), ``probe`` (what a path is: absent, folder, or a file with
its size; behind a link or not), ``times`` (when a file was changed), ``link`` (where a link points), ``env``
(an environment variable), ``environ`` (all of them), ``folder`` (the current folder), ``class`` (code of a
class found by unpickling). An observation is text, equal when nothing changed.
"""

import os
import stat
from collections.abc import Callable
from typing import NamedTuple

from mlops_core.engine._hash import xxh3_128
from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.code import class_fingerprint
from mlops_core.fingerprints.files import StatCache, file_digest
from mlops_core.tracing.places import Places
from mlops_core.tracing.probes import original_lstat, original_stat

ABSENT = "absent"
_OURS = ("__pycache__", ".mlops")


class Observation(NamedTuple):
    """One undeclared input: its kind, its name (root-relative inside the project) and how it looked."""

    kind: str
    name: str
    seen: str


def observe(kind: str, name: str, places: Places, stat_cache: StatCache | None = None) -> str:
    """How the input looks now."""
    if kind == "env":
        return seen_text(os.environ._data.get(os.environ.encodekey(name)))  # type: ignore[attr-defined]
    if kind == "environ":
        return seen_text(repr(sorted(os.environ._data.items())).encode())  # type: ignore[attr-defined]
    if kind == "class":
        return _class(name, places)
    if kind == "folder":
        return places.name(os.path.realpath(os.getcwd()))
    path = places.path(name)
    return _file(path, stat_cache) if kind == "file" else _OF_PATHS[kind](path)


def _class(name: str, places: Places) -> str:
    try:
        return class_fingerprint(name, (places.root.rstrip(os.sep),)).digest.hex()
    except (ImportError, AttributeError):
        return ABSENT
    except UnfingerprintableValue:
        return "not fingerprintable"


def seen_text(value: bytes | str | None) -> str:
    """A variable's value as an observation: it may be a secret, so only its digest is kept."""
    if value is None:
        return ABSENT
    return xxh3_128(value if isinstance(value, bytes) else os.fsencode(value)).hex()


def _file(path: str, stat_cache: StatCache | None) -> str:
    try:
        if stat.S_ISDIR(original_stat(path).st_mode):
            return "folder"
        return file_digest(path, stat_cache).hex()
    except FileNotFoundError:
        return ABSENT
    except OSError as error:
        return f"unreadable: {error.strerror}"


def _listing(path: str) -> str:
    return _listed(path, _kind_of)


def _entries(path: str) -> str:
    return _listed(path, lambda entry: f"{_kind_of(entry)}{_size_and_time(entry)}")


def _listed(path: str, describe: Callable[["os.DirEntry[str]"], str]) -> str:
    try:
        with os.scandir(path) as found:
            texts = sorted(f"{e.name}/{describe(e)}" for e in found if e.name not in _OURS)
    except OSError:
        return ABSENT
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
        linked = stat.S_ISLNK(original_lstat(path).st_mode)
    except OSError:
        return ABSENT
    return f"link to {_behind(path)}" if linked else _behind(path)


def _behind(path: str) -> str:
    try:
        found = original_stat(path)
    except OSError:
        return ABSENT
    if stat.S_ISDIR(found.st_mode):
        return "folder"
    return f"file of {found.st_size} bytes" if stat.S_ISREG(found.st_mode) else "special"


def _times(path: str) -> str:
    try:
        return f"changed at {original_stat(path).st_mtime_ns} ns"
    except OSError:
        return ABSENT


def _link(path: str) -> str:
    try:
        return f"-> {os.readlink(path)}"
    except OSError:
        return ABSENT


_OF_PATHS: dict[str, Callable[[str], str]] = {
    "listing": _listing, "entries": _entries, "probe": _probe, "times": _times, "link": _link,
}  # fmt: skip
