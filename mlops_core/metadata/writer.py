"""The one connection of a process that writes, and the lock that it writes under."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from mlops_core.metadata import journal
from mlops_core.metadata.connect import open_writer
from mlops_core.metadata.readers import Readers
from mlops_core.metadata.schema import newer
from mlops_core.metadata.statefile import StateFile

_WHOLE = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_PART = ("SAVEPOINT part", "RELEASE part", ("ROLLBACK TO part", "RELEASE part"))


class Writer:
    """Transactions on a state file, each under its write lock.

    Between processes that lock lets one write, checkpoint or close at a time; between threads of this one
    ``mutex`` does. A reader is open while the writer closes: SQLite checkpoints and deletes the WAL when the
    last connection closes, and that would cost a sync at the end of every command.
    """

    def __init__(self, file: StateFile, readers: Readers) -> None:
        self.mutex = RLock()
        self._file = file
        self._readers = readers
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._depth = 0

    @property
    def is_open(self) -> bool:
        """Whether there is a writing connection now."""
        return self._connection is not None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """BEGIN IMMEDIATE to COMMIT, or ROLLBACK where the block raises.

        Inside another transaction of the same thread it is a part of that one: it can fail alone.
        """
        with self.mutex:
            if self._depth:
                assert self._connection is not None
                with self._scope(self._connection, *_PART) as part:
                    yield part
                return
            with self._file.lock():
                connection = self._fitting()
                with self._scope(connection, *_WHOLE) as whole:
                    yield whole
                if journal.wal_size(self._file.path) > journal.CHECKPOINT_WHILE_OPEN:
                    journal.checkpoint(connection)

    def open(self) -> None:
        """Make or migrate the file, as ``prepare`` does."""
        with self.mutex, self._file.lock():
            self._fitting()

    def checkpoint(self) -> None:
        """Bring the WAL into the file."""
        with self.mutex, self._file.lock():
            journal.checkpoint(self._fitting())

    def close(self) -> None:
        """Close the connection under the lock; a long WAL goes into the file first."""
        with self.mutex:
            if self._connection is None or self._depth:
                return
            connection, self._connection = self._connection, None
            if not self._is_ours():
                connection.close()  # its file is gone: there is nobody to exclude
                return
            with self._file.lock(), self._readers.lent():
                try:
                    if journal.wal_size(self._file.path) > journal.CHECKPOINT_AT_CLOSE:
                        journal.checkpoint(connection)
                finally:
                    connection.close()

    def abandon(self) -> object:
        """After a fork, in the child: a fresh mutex, and no connection. Returns what must never be closed."""
        left = self._connection
        self.mutex, self._connection, self._depth = RLock(), None, 0
        return left

    @contextmanager
    def _scope(
        self, connection: sqlite3.Connection, begin: str, end: str, undo: tuple[str, ...]
    ) -> Iterator[sqlite3.Connection]:
        connection.execute(begin)
        self._depth += 1
        try:
            yield connection
            connection.execute(end)
        except BaseException:
            if connection.in_transaction:  # SQLite itself rolls back where the disk is full
                for statement in undo:
                    connection.execute(statement)
            raise
        finally:
            self._depth -= 1

    def _fitting(self) -> sqlite3.Connection:
        """The connection to the file that has the name now, of our version; called under the lock.

        A file that was moved aside or removed by somebody else is left to them. Raises NewerState where a
        later version has migrated the file since we opened it.
        """
        if self._connection is not None and not self._is_ours():
            self._connection.close()
            self._connection = None
        if self._connection is None:
            self._connection = self._opened()
        (found,) = self._connection.execute("PRAGMA user_version").fetchone()
        if found != self._file.version:
            raise newer(self._file.path, found, self._file.version)
        return self._connection

    def _opened(self) -> sqlite3.Connection:
        connection = open_writer(self._file.path)
        try:
            self._readers.close()  # they may have another file of this name open
            self._file.prepare(connection)
            status = os.stat(self._file.path)
        except BaseException:
            connection.close()
            raise
        self._identity = (status.st_dev, status.st_ino)
        return connection

    def _is_ours(self) -> bool:
        try:
            status = os.stat(self._file.path)
        except FileNotFoundError:
            return False
        return (status.st_dev, status.st_ino) == self._identity
