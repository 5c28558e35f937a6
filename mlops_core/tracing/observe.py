"""Look at an undeclared input again: does it still look as it did when the step ran?

Kinds: ``file`` (content of a file, or ``absent``), ``listing`` (names in a folder, and which are folders or
links), ``entries`` (the same with sizes and times), ``probe`` (what a path is: absent, folder, or a file with
its size; behind a link or not), ``times`` (when a file was changed), ``link`` (where a link points), ``env``
(an environment variable), ``environ`` (all of them), ``folder`` (the current folder), ``class`` (code of a
class found by unpickling). An observation is text, equal when nothing changed.
"""

import os
import stat
from typing import NamedTuple

from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.code import class_fingerprint
from mlops_core.fingerprints.files import StatCache, file_digest
from mlops_core.tracing.look import ABSENT, OF_PATHS, of_environment
from mlops_core.tracing.places import Places
from mlops_core.tracing.probes import original_stat


class Observation(NamedTuple):
    """One undeclared input: its kind, its name (root-relative inside the project) and how it looked."""

    kind: str
    name: str
    seen: str


def observe(kind: str, name: str, places: Places, stat_cache: StatCache | None = None) -> str:
    """How the input looks now."""
    if kind in ("env", "environ"):
        return of_environment(name)
    if kind == "class":
        return _class(name, places)
    if kind == "folder":
        return places.name(os.path.realpath(os.getcwd()))
    path = places.path(name)
    return _file(path, stat_cache) if kind == "file" else OF_PATHS[kind](path)


def _class(name: str, places: Places) -> str:
    try:
        return class_fingerprint(name, (places.root.rstrip(os.sep),)).digest.hex()
    except (ImportError, AttributeError):
        return ABSENT
    except UnfingerprintableValue:
        return "not fingerprintable"


def _file(path: str, stat_cache: StatCache | None) -> str:
    try:
        if stat.S_ISDIR(original_stat(path).st_mode):
            return "folder"
        return file_digest(path, stat_cache).hex()
    except FileNotFoundError:
        return ABSENT
    except OSError as error:
        return f"unreadable: {error.strerror}"
