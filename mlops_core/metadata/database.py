"""mlops.db: open it, read it, change it in transactions."""

import os
import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mlops_core.errors import DamagedState
from mlops_core.files.atomic import discard, publish, temporary_name
from mlops_core.metadata import forking, journal, schema, suspect
from mlops_core.metadata.aside import move_aside
from mlops_core.metadata.damage import DamageLog
from mlops_core.metadata.failures import explain, not_writable
from mlops_core.metadata.readers import Readers
from mlops_core.metadata.schema import Schema
from mlops_core.metadata.statefile import NAME, StateFile
from mlops_core.metadata.writer import Writer

if TYPE_CHECKING:
    from mlops_core.metadata.salvage import Salvaged


class Database:
    """The database of one state folder, for all threads of a process and for its forked children.

    Reads take no lock and see what was committed. ``damage`` holds the rows that were passed over because
    they do not match their checksum; ``moved_aside`` is the folder with the damaged file that this one
    replaces, if it does, ``salvaged`` what was taken over from it. Made by ``Database.open``.
    """

    def __init__(self, file: StateFile) -> None:
        self.path = file.path
        self.readonly = file.readonly
        self.damage = DamageLog()
        self.moved_aside: str | None = None
        self.salvaged: Salvaged | None = None
        self._file = file
        self.readers = Readers(file.open_reader)
        self.writer = Writer(file, self.readers)
        forking.watch(self)
        weakref.finalize(self, _close, self.writer, self.readers)

    @classmethod
    def open(
        cls,
        folder: str | os.PathLike[str],
        *,
        readonly: bool = False,
        rebuild: bool = False,
        wanted: Schema | None = None,
    ) -> "Database":
        """The database in ``folder``, made where there is none and migrated where it is older.

        ``readonly`` changes nothing on disk: a database that is not there reads as an empty one.
        ``rebuild`` reads the whole file first; a damaged one is moved aside, and what is whole in it goes
        into a fresh one.
        ``wanted`` is another schema than the present one, for tests of migrations.
        Raises NewerState, StateNotWritable, DamagedState.
        """
        database = cls(StateFile(os.fspath(folder), readonly, wanted))
        try:
            with _explained(database.path):
                if rebuild and not readonly:
                    database._rebuild()
                database._settle()
        except BaseException:
            database.close()
            raise
        return database

    @staticmethod
    def is_suspect(folder: str | os.PathLike[str]) -> bool:
        """Whether damage was met in the database of this folder: then open it with ``rebuild``."""
        return suspect.is_noted(os.path.join(os.fspath(folder), NAME))

    def query(self, sql: str, args: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a SELECT, as of the last commit. Raises DamagedState, StateNotWritable."""
        try:
            return self.readers.query(sql, args)
        except sqlite3.Error as error:
            raise _explanation(error, self.path) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Change the database: all of the block or, when it raises, nothing.

        Yields the connection that the functions which write take. ``query`` does not see what the block has
        not committed yet. Raises StateNotWritable, NewerState, DamagedState.
        """
        if self.readonly:
            raise not_writable(self.path, "it was opened to be read only")
        with _explained(self.path), self.writer.transaction() as connection:
            yield connection

    def sync(self) -> None:
        """Bring what is committed to the disk, so that a power cut does not take it."""
        journal.sync(self.path)

    def checkpoint(self) -> None:
        """Bring the WAL into the file, under the write lock."""
        with _explained(self.path):
            self.writer.checkpoint()

    def check(self) -> None:
        """Read the whole file. Raises DamagedState with what is wrong with it."""
        with _explained(self.path), self.readers.lent() as connection:
            self._file.check(connection)

    def rebuild(self) -> None:
        """Read the whole file; where it is damaged, put one with what is whole in it into its place.

        Raises StateNotWritable, DiskFull.
        """
        with _explained(self.path):
            self.close()
            self._rebuild()
            self._settle()

    def close(self) -> None:
        """Close all connections. The Database opens new ones where it is used again."""
        _close(self.writer, self.readers)

    def _settle(self) -> None:
        """Make the file fit; the usual case is one look at a file that does."""
        if not self.readonly:
            self._file.check_writable()
            self._file.adopt()
        if self._state() == schema.FITS:
            return
        if self.readonly:
            raise self._file.must_migrate()
        self.readers.close()
        self.writer.open()

    def _state(self) -> str:
        if not self.readonly and not os.path.exists(self.path):
            return schema.EMPTY
        try:
            with self.readers.lent() as connection:
                return self._file.judge(connection)
        except sqlite3.OperationalError as error:
            # The rollback journal of a killed writer, which only a writer can play back.
            if not self.readonly and "readonly" in str(error):
                return schema.OLDER
            raise

    def _rebuild(self) -> None:
        self._file.check_writable()
        with self._file.lock():
            if self._file.is_damaged():
                self._replace()
            suspect.clear(self.path)

    def _replace(self) -> None:
        """The new file is whole before the damaged one goes; after a kill in between ``adopt`` goes on."""
        from mlops_core.metadata.salvage import salvage  # it knows the tables, and those know this class

        fresh = temporary_name(self.path)
        try:
            self.salvaged = salvage(self.path, fresh, self._file.wanted())
            publish(fresh, self._file.successor)
        except BaseException:
            discard(fresh)
            raise
        self.moved_aside = move_aside(self.path)
        publish(self._file.successor, self.path)


@contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _explanation(error, path) from error


def _explanation(error: sqlite3.Error, path: str) -> Exception:
    explained = explain(error, path)
    if isinstance(explained, DamagedState):
        suspect.note(path)
    return explained or error


def _close(writer: Writer, readers: Readers) -> None:
    writer.close()
    readers.close()
