"""mlops.db as a file: where it and its lock are, whether it may be written, how it becomes ours."""

import os
import sqlite3

from mlops_core.errors import DamagedState, StateNotWritable
from mlops_core.files.atomic import publish
from mlops_core.locks.filelock import FileLock
from mlops_core.metadata import journal, schema
from mlops_core.metadata.connect import in_memory, open_reader
from mlops_core.metadata.failures import damaged, not_writable
from mlops_core.metadata.migrations import migrate
from mlops_core.metadata.schema import Schema

NAME = "mlops.db"


class StateFile:
    """The file of one state folder and the schema that it is to have (None: the present one)."""

    def __init__(self, folder: str, readonly: bool, wanted: Schema | None) -> None:
        self.folder = folder
        self.path = os.path.join(folder, NAME)
        self.readonly = readonly
        self.version = wanted.version if wanted else schema.VERSION
        self._wanted = wanted
        self.successor = self.path + ".new"

    def lock(self) -> FileLock:
        """The write lock, not taken yet. Raises StateNotWritable where its folder cannot be made."""
        folder = os.path.join(self.folder, "locks")
        if not os.path.isdir(folder):
            self._make(folder)
        return FileLock(os.path.join(folder, "write"))

    def check_writable(self) -> None:
        """Raise StateNotWritable now rather than in the middle of the work."""
        if not os.path.exists(self.folder):
            self._make(self.folder)
        for place in (self.folder, self.path):
            if os.path.exists(place) and not os.access(place, os.W_OK, effective_ids=True):
                raise not_writable(place, "permission denied, or a read-only file system")

    def adopt(self) -> None:
        """Go on where the replacement of a damaged file was killed when that was away already."""
        if os.path.exists(self.path) or not os.path.exists(self.successor):
            return
        with self.lock():
            if not os.path.exists(self.path) and os.path.exists(self.successor):
                publish(self.successor, self.path)

    def open_reader(self) -> sqlite3.Connection:
        """A connection that reads; an empty database where there is none and none may be made."""
        if self.readonly and self._is_blank():
            empty = in_memory()
            schema.create(empty, self.wanted())
            return empty
        return open_reader(self.path)

    def _is_blank(self) -> bool:
        """No file, or one without content: made by a process that was killed at once."""
        if os.path.exists(self.path + "-wal"):
            return False
        return not os.path.exists(self.path) or os.path.getsize(self.path) == 0

    def judge(self, connection: sqlite3.Connection) -> str:
        """What the file is to this version of the product (schema.judge)."""
        return schema.judge(connection, self.path, self.version)

    def prepare(self, connection: sqlite3.Connection) -> None:
        """Make, migrate or refuse the file that a writer has opened. Called under the write lock."""
        state = self.judge(connection)
        journal.settle(connection, self.path)
        if state == schema.EMPTY:
            schema.create(connection, self.wanted())
        elif state == schema.OLDER:
            (found,) = connection.execute("PRAGMA user_version").fetchone()
            wanted = self.wanted()
            migrate(connection, found, wanted.version, wanted.steps, wanted.views)

    def check(self, connection: sqlite3.Connection) -> None:
        """Read the whole file. Raises DamagedState with what is wrong, sqlite3.Error."""
        self.judge(connection)
        found = [text for (text,) in connection.execute("PRAGMA integrity_check(20)").fetchall()]
        if found != ["ok"]:
            raise damaged(self.path, "; ".join(found))
        made = in_memory()
        try:
            schema.create(made, self.wanted())
            if schema.columns(connection) != schema.columns(made):
                raise damaged(self.path, "its tables do not have the columns that they should have")
        finally:
            made.close()

    def is_damaged(self) -> bool:
        """Whether ``check`` finds damage; False where there is no file."""
        if not os.path.exists(self.path):
            return False
        try:
            connection = open_reader(self.path)
        except sqlite3.DatabaseError as error:
            return not isinstance(error, sqlite3.OperationalError)
        try:
            self.check(connection)
        except (DamagedState, sqlite3.DatabaseError):
            return True
        finally:
            connection.close()
        return False

    def wanted(self) -> Schema:
        return self._wanted or schema.current()

    def must_migrate(self) -> StateNotWritable:
        """The refusal of an older file that may not be written."""
        return StateNotWritable(
            f"{self.path} was written by an earlier version and must be migrated, but may not be written",
            hint="Make its folder writable and run the command again.",
            path=self.path,
        )

    def _make(self, folder: str) -> None:
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise not_writable(folder, error.strerror or str(error)) from error
