"""The digests of files, remembered by their stat signature. Whether to trust one is the caller's rule."""

import mmap
import os
from contextlib import suppress
from threading import RLock
from typing import BinaryIO

from mlops_core.engine._scan import StatTable
from mlops_core.files.atomic import set_aside, write_atomically
from mlops_core.files.space import is_full
from mlops_core.locks.filelock import FileLock

NAME = "stat-cache"
_BUFFER = 4096  # digests kept back before they are written without being asked


class MappedStatCache:
    """The stat cache (the fingerprints' ``StatCache``) in a mapped file of the state folder.

    What was put is found at once, and is on disk after ``flush``; a kill loses what was not flushed, which
    costs hashing those files again. Safe to use from several threads and processes: a record that is being
    written does not match its seal, which reads as not being there.
    """

    def __init__(self, folder: str | os.PathLike[str], *, readonly: bool = False) -> None:
        self._folder = os.fspath(folder)
        self._path = os.path.join(self._folder, NAME)
        self._readonly = readonly
        self._table: StatTable | None = None
        self._lock = RLock()  # so that nothing is put into a table that a flush replaces

    @property
    def table(self) -> StatTable:
        """What is remembered, to be looked up in without the GIL; mapped on first use."""
        table = self._table
        if table is None:
            table = self._table = self._mapped() or StatTable()
        return table

    def get(self, path: str, signature: tuple[int, int, int, int]) -> bytes | None:
        """The digest that the file had when it had this signature, or None."""
        return self.table.get(os.fsencode(path), signature)

    def put(self, path: str, signature: tuple[int, int, int, int], digest: bytes, hashed_at_ns: int) -> None:
        """Remember a digest; ``hashed_at_ns`` is when the file was read, in ns of Unix time."""
        with self._lock:
            self.table.put(os.fsencode(path), signature, digest)
            if self.table.pending >= _BUFFER:
                self.flush()

    def flush(self) -> None:
        """Write what was put since the last time; a state that may not be written keeps it in memory.

        Where the disk is full, they stay in memory, too. Raises OSError, StateNotWritable.
        """
        if self._readonly or self._table is None or self._table.pending == 0:
            return
        try:
            with self._lock, FileLock(os.path.join(self._folder, "locks", NAME)):
                self._merge(self._table)
        except OSError as error:
            if not is_full(error):
                raise

    def _merge(self, added: StatTable) -> None:
        """Write what is new into the file as it is now. Called under the lock."""
        present = self._mapped()
        if present is None and os.path.exists(self._path):
            set_aside(self._path, os.path.join(self._folder, "damaged"))
        present = present or StatTable()
        present.take_over(added)
        self._write(present)
        self._table = self._mapped()

    def discard(self) -> None:
        """Forget everything and remove the file: every file is hashed again when it is needed."""
        with self._lock:
            self._table = None
            with suppress(FileNotFoundError):
                os.unlink(self._path)

    def _write(self, table: StatTable) -> None:
        patches = table.patches()
        if patches is None:
            write_atomically(self._path, table.packed())
            return
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            for offset, content in patches:
                os.pwrite(descriptor, content, offset)
        finally:
            os.close(descriptor)

    def _mapped(self) -> StatTable | None:
        """The table in the file as it is now; None where there is no file or a damaged one."""
        try:
            with open(self._path, "rb") as file:
                return StatTable(_content(file))
        except (FileNotFoundError, ValueError):  # mmap refuses an empty file, the table a damaged one
            return None


def _content(file: BinaryIO) -> "mmap.mmap | bytes":
    """The file as a map; read where its file system, or the room for addresses, has none."""
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, MemoryError):
        return file.read()
