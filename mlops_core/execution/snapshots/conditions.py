"""Does everything that a snapshot depends on look as it did?

A condition is ``(kind, name, seen, signature)``: kind and observation as in ``tracing.observe``, with
absolute paths, and two more kinds: ``tree`` (content of a folder with all below it) and ``imports`` (what an
import could find in a folder). Where a signature is given and still fits, nothing is read again.
"""

import os
import stat

from mlops_core.engine._hash import xxh3_128
from mlops_core.files.signature import path_signature
from mlops_core.tracing.look import ABSENT, OF_PATHS, of_environment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    Signature = tuple[int, int, int, int]
    Condition = tuple[str, str, str, Signature | None]


def hold(conditions: "Iterable[Condition]", state_dir: str) -> bool:
    """Whether all of them look as they did."""
    return all(_holds(*condition, state_dir) for condition in conditions)


def _holds(kind: str, name: str, seen: str, signature: "Signature | None", state_dir: str) -> bool:
    if signature is not None and path_signature(name) == signature:
        return True
    if kind == "file":
        return file_as_seen(name) == seen
    if kind == "tree":
        return _tree(name, state_dir) == seen
    return (of_environment(name) if kind in ("env", "environ") else OF_PATHS[kind](name)) == seen


def file_as_seen(path: str) -> str:
    """A file as ``tracing.observe`` sees it, read in one piece."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return "special"
            return xxh3_128(b"file/0\0" + file.read()).hex()
    except FileNotFoundError:
        return ABSENT
    except IsADirectoryError:
        return "folder"
    except OSError as error:
        return f"unreadable: {error.strerror}"


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a pipe has nobody at its other end


def _tree(path: str, state_dir: str) -> str:
    """The content of a folder; with the table of stat signatures, which knows most of its files."""
    from mlops_core.fingerprints.files import path_digest
    from mlops_core.metadata.stat_cache import MappedStatCache

    try:
        return path_digest(path, MappedStatCache(state_dir, readonly=True)).hex()
    except OSError:
        return ABSENT
