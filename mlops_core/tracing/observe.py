"""Look at an undeclared input again: does it still look as it did when the step ran?

Kinds: ``file`` (content of a file, or ``absent``), ``listing`` (names in a folder), ``probe`` (what a path
is: absent, folder, or a file with its size), ``env`` (an environment variable), ``environ`` (all of them),
``folder`` (the current folder), ``class`` (code of a class found by unpickling). An observation is text,
equal when nothing changed.
"""

import os
import stat
from typing import NamedTuple

from mlops_core.engine._hash import xxh3_128
from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.code import class_fingerprint
from mlops_core.fingerprints.files import StatCache, file_digest
from mlops_core.tracing.places import Places
from mlops_core.tracing.probes import original_stat

ABSENT = "absent"


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
    if kind == "listing":
        return _listing(path)
    return _probe(path) if kind == "probe" else _file(path, stat_cache)


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
    try:
        names = sorted(n for n in os.listdir(path) if n not in ("__pycache__", ".mlops"))
    except OSError:
        return ABSENT
    return xxh3_128("\0".join(names).encode("utf-8", "surrogateescape")).hex()


def _probe(path: str) -> str:
    try:
        found = original_stat(path)
    except OSError:
        return ABSENT
    if stat.S_ISDIR(found.st_mode):
        return "folder"
    return f"file of {found.st_size} bytes" if stat.S_ISREG(found.st_mode) else "special"
