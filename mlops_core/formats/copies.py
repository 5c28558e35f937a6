"""Whether a copy of a stored file or folder, made when a step was given it, is still what was stored.

Copies are read-only, and code may change them all the same. Beside a copy lies a note: a digest over the stat
signatures of everything in it, and when it was taken. Where that is as it was, and was taken when the copy
had been left alone for a minute, the copy is used as it is. Else its bytes are compared with the stored ones.
"""

import os
import stat
from collections.abc import Iterator, Sequence

from mlops_core.clock import SYSTEM, Clock
from mlops_core.engine._hash import xxh3_128
from mlops_core.files.atomic import write_atomically
from mlops_core.files.signature import stat_signature
from mlops_core.formats.protocols import Source
from mlops_core.formats.restore import cells_of
from mlops_core.formats.tree import Entry

#: A file that changed since may have the same times: clocks tick coarsely, and a page that is still dirty
#: takes a second write without a trace.
_YOUNG_NS = 60 * 1_000_000_000
#: Beside the folder of the copies: those that are not used any more, removed by upkeep.
UNUSED = "unused"
_NOTE = ".seen"
_CHUNK = 1 << 20


def is_unchanged(place: str, entries: Sequence[Entry], source: Source, clock: Clock = SYSTEM) -> bool:
    """Whether the copy at ``place`` holds exactly what ``entries`` list; notes what was found.

    Raises DamagedState where the store cannot say, OSError.
    """
    seen = _signature(place)
    if seen is None:
        return False
    if _noted(place) == seen[0]:
        return True
    if not _holds(place, entries, source) or _signature(place) != seen:
        return False
    if seen[1] <= int(clock.now() * 1e9) - _YOUNG_NS:
        write_atomically(_note(place), seen[0])
    return True


def _signature(place: str) -> tuple[bytes, int] | None:
    """Digest over names and stat signatures, and the newest change in ns; None where nothing is there."""
    texts, newest = [], 0
    try:
        for path in _everything(place):
            status = os.lstat(path)
            newest = max(newest, status.st_mtime_ns, status.st_ctime_ns)
            texts.append(f"{path!a} {status.st_mode} {stat_signature(status)}")
    except FileNotFoundError:
        return None
    return xxh3_128("\n".join(texts).encode("ascii")), newest


def _everything(place: str) -> Iterator[str]:
    yield place
    if os.path.isdir(place) and not os.path.islink(place):
        for folder, folders, names in os.walk(place):
            folders.sort()
            yield from (os.path.join(folder, name) for name in sorted((*folders, *names)))


def _note(place: str) -> str:
    return os.path.dirname(place) + _NOTE


def _noted(place: str) -> bytes | None:
    try:
        with open(_note(place), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None


def _holds(place: str, entries: Sequence[Entry], source: Source) -> bool:
    """Whether names, kinds, targets and bytes are those of the entries, and nobody may write."""
    wanted = [os.path.join(place, entry.path) if entry.path else place for entry in entries]
    if sorted(_everything(place)) != sorted(wanted):
        return False
    return all(_is(path, entry, source) for path, entry in zip(wanted, entries, strict=True))


def _is(path: str, entry: Entry, source: Source) -> bool:
    status = os.lstat(path)
    if entry.kind == "link":
        return stat.S_ISLNK(status.st_mode) and os.readlink(path) == entry.target
    if status.st_mode & 0o222 or status.st_mode & 0o555 != entry.mode & 0o555:
        return False
    if entry.kind == "directory":
        return stat.S_ISDIR(status.st_mode)
    return stat.S_ISREG(status.st_mode) and status.st_size == entry.size and _same_bytes(path, entry, source)


def _same_bytes(path: str, entry: Entry, source: Source) -> bool:
    with open(path, "rb", buffering=0) as file:
        for stored in cells_of(entry, source):
            for start in range(0, stored.nbytes, _CHUNK):
                wanted = stored[start : start + _CHUNK]
                if _read(file.fileno(), wanted.nbytes) != wanted:
                    return False
    return True


def _read(descriptor: int, length: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < length and (piece := os.read(descriptor, length - len(pieces))):
        pieces += piece
    return bytes(pieces)
