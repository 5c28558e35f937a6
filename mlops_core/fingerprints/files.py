"""Digests of files and folders, remembered where their stat signature can be trusted."""

import os
import stat
from typing import Protocol

from mlops_core.clock import SYSTEM, Clock
from mlops_core.engine._hash import Hasher, xxh3_128
from mlops_core.engine._scan import StatTable
from mlops_core.files.signature import stat_signature
from mlops_core.fingerprints.folders import folder_digest
from mlops_core.fingerprints.trust import SMALL, latest_trusted, now_ns
from mlops_core.fingerprints.volumes import is_unreliable

_CHUNK = 1 << 20
_MANY = 4096  # digests of a folder that are written at once: they cost more to get again than to keep


class StatCache(Protocol):
    """Remembers digests by path and stat signature (size, mtime_ns, ctime_ns, inode)."""

    @property
    def table(self) -> StatTable: ...

    def get(self, path: str, signature: tuple[int, int, int, int]) -> bytes | None: ...

    def put(
        self, path: str, signature: tuple[int, int, int, int], digest: bytes, hashed_at_ns: int
    ) -> None: ...

    def flush(self) -> None: ...


def file_digest(path: str, stat_cache: StatCache | None = None, clock: Clock = SYSTEM) -> bytes:
    """Digest of a file's bytes; without a cache it is always read. Raises ``OSError`` like ``open``."""
    path = os.fspath(path)
    found = os.stat(path)
    return _file_digest(path, found, stat_cache, clock)


def path_digest(path: str, stat_cache: StatCache | None = None, clock: Clock = SYSTEM) -> bytes:
    """Digest of a file, or of a folder as a tree over names and contents (``.mlops`` left out).

    Symbolic links count by what they point to. Raises ``FileNotFoundError`` if nothing is there, ``OSError``
    naming the file that cannot be read.
    """
    path = os.fspath(path)
    found = os.stat(path)
    if not stat.S_ISDIR(found.st_mode):
        return _file_digest(path, found, stat_cache, clock)
    digest = folder_digest(_absolute(path), stat_cache.table if stat_cache else None, clock)
    if stat_cache is not None and stat_cache.table.pending >= _MANY:
        stat_cache.flush()
    return digest


def _absolute(path: str) -> str:
    """Absolute as it stands: folding ``..`` could lead elsewhere where a link is before it."""
    return path if os.path.isabs(path) else os.path.join(os.getcwd(), path)


def _file_digest(path: str, found: os.stat_result, cache: StatCache | None, clock: Clock) -> bytes:
    if not stat.S_ISREG(found.st_mode):
        return xxh3_128(b"special file/0\0")  # reading a pipe or a device would hang, or never end
    if cache is None or (found.st_size < SMALL and is_unreliable(found.st_dev)):
        return _read_digest(path)
    signature = stat_signature(found)
    known = cache.get(_absolute(path), signature)
    if known is not None:
        return known
    before = now_ns(clock)
    digest = _read_digest(path)
    after = os.stat(path)
    latest = latest_trusted(before, now_ns(clock))
    if stat_signature(after) == signature and max(found.st_mtime_ns, found.st_ctime_ns) <= latest:
        cache.put(_absolute(path), signature, digest, before)
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
