"""Digests of files and folders, and when a remembered one may be trusted."""

import os
import stat
from typing import NamedTuple, Protocol

from mlops_core.clock import SYSTEM, Clock
from mlops_core.engine._hash import Hasher, xxh3_128
from mlops_core.files.signature import stat_signature
from mlops_core.fingerprints.volumes import is_unreliable

_CHUNK = 1 << 20
_SMALL = 64 * 1024
# A file younger than this when it was hashed may change again without moving its times: clocks tick coarsely,
# and a second write through a writable map to a page that is still dirty moves neither mtime nor ctime.
_YOUNG_NS = 60 * 1_000_000_000
_STATE_FOLDER = ".mlops"


class StatCache(Protocol):
    """Remembers digests by path and stat signature (size, mtime_ns, ctime_ns, inode)."""

    def get(self, path: str, signature: tuple[int, ...]) -> bytes | None: ...

    def put(self, path: str, signature: tuple[int, ...], digest: bytes, hashed_at_ns: int) -> None: ...


class _Entry(NamedTuple):
    name: str
    kind: str
    digest: bytes


def file_digest(path: str, stat_cache: StatCache | None = None, clock: Clock = SYSTEM) -> bytes:
    """Digest of a file's bytes; without a cache it is always read. Raises ``OSError`` like ``open``."""
    path = os.fspath(path)
    found = os.stat(path)
    return _file_digest(path, found, stat_cache, clock)


def path_digest(path: str, stat_cache: StatCache | None = None, clock: Clock = SYSTEM) -> bytes:
    """Digest of a file, or of a folder as a tree over names and contents (``.mlops`` left out).

    Symbolic links count by what they point to. Raises ``FileNotFoundError`` if nothing is there.
    """
    path = os.fspath(path)
    found = os.stat(path)
    if stat.S_ISDIR(found.st_mode):
        return _folder_digest(path, stat_cache, clock)
    return _file_digest(path, found, stat_cache, clock)


def directory_listing_digest(path: str) -> bytes:
    """Digest of the sorted names in a folder; what the files hold does not count."""
    names = sorted(os.fsencode(n) for n in os.listdir(path) if n != _STATE_FOLDER)
    return xxh3_128(b"listing/0\0" + b"\0".join(names))


def _file_digest(path: str, found: os.stat_result, cache: StatCache | None, clock: Clock) -> bytes:
    if not stat.S_ISREG(found.st_mode):
        return xxh3_128(b"special file/0\0")  # reading a pipe or a device would hang, or never end
    if cache is None or (found.st_size < _SMALL and is_unreliable(path, found.st_dev)):
        return _read_digest(path)
    signature = stat_signature(found)
    known = cache.get(path, signature)
    if known is not None:
        return known
    started = int(clock.now() * 1e9)
    digest = _read_digest(path)
    after = os.stat(path)
    if (
        stat_signature(after) == signature
        and started - max(found.st_mtime_ns, found.st_ctime_ns) >= _YOUNG_NS
    ):
        cache.put(path, signature, digest, started)
    return digest


def _read_digest(path: str) -> bytes:
    hasher = Hasher()
    hasher.update(b"file/0\0")
    buffer = bytearray(_CHUNK)
    view = memoryview(buffer)
    with open(path, "rb", buffering=0) as file:
        while count := file.readinto(buffer):
            hasher.update(view[:count])
    digest: bytes = hasher.digest()
    return digest


def _folder_digest(top: str, cache: StatCache | None, clock: Clock) -> bytes:
    """Bottom-up over a list of folders: no recursion, one stat per file."""
    folders: list[tuple[str, list[_Entry], list[str]]] = []
    pending: list[tuple[str, frozenset[tuple[int, int]]]] = [(top, frozenset())]
    while pending:
        path, above = pending.pop()
        own = os.stat(path)
        above = above | {(own.st_dev, own.st_ino)}
        entries, children = _scan(path, above, cache, clock)
        pending += ((os.path.join(path, name), above) for name in children)
        folders.append((path, entries, children))
    return _fold(folders)


def _scan(
    path: str, above: frozenset[tuple[int, int]], cache: StatCache | None, clock: Clock
) -> tuple[list[_Entry], list[str]]:
    entries, children = [], []
    with os.scandir(path) as found:
        for entry in found:
            if entry.name == _STATE_FOLDER:
                continue
            try:
                status = entry.stat()
            except FileNotFoundError:  # a link to nothing: its text is all there is
                entries.append(_Entry(entry.name, "link", xxh3_128(os.fsencode(os.readlink(entry.path)))))
                continue
            if not stat.S_ISDIR(status.st_mode):
                entries.append(_Entry(entry.name, "file", _file_digest(entry.path, status, cache, clock)))
            elif (status.st_dev, status.st_ino) in above:  # a link to a folder that it lies in
                entries.append(_Entry(entry.name, "loop", xxh3_128(os.fsencode(os.readlink(entry.path)))))
            else:
                children.append(entry.name)
    return entries, children


def _fold(folders: list[tuple[str, list[_Entry], list[str]]]) -> bytes:
    """Digest of the first folder; every folder stands after the one it lies in."""
    digests: dict[str, bytes] = {}
    for path, entries, children in reversed(folders):
        inner = [_Entry(name, "folder", digests[os.path.join(path, name)]) for name in children]
        hasher = Hasher()
        hasher.update(b"folder/0\0")
        for entry in sorted([*entries, *inner]):
            name = os.fsencode(entry.name)
            hasher.update(entry.kind.encode() + b"\0" + len(name).to_bytes(4, "big") + name + entry.digest)
        digests[path] = hasher.digest()
    return digests[folders[0][0]]
