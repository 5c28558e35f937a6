"""A project opened for work: its settings, database, store and stat cache joined."""

import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_core.config.project import read_settings
from mlops_core.config.settings import Settings
from mlops_core.errors import DamagedState, StateNotWritable
from mlops_core.workspace.modules import alias_main, program_root
from mlops_core.workspace.state import check_version, make_state, state_folder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlops_core.files.sync_queue import NewFile
    from mlops_core.metadata.database import Database


class Workspace:
    """Made by ``open_workspace``; a context manager that closes what it opened.

    ``syncs`` brings to the disk what steps have left in database and store.
    """

    def __init__(
        self, root: Path, settings: Settings, state_dir: Path, database: "Database", *, readonly: bool
    ) -> None:
        from mlops_core.files.sync_queue import SyncQueue
        from mlops_core.metadata.cells import SqliteCellIndex
        from mlops_core.metadata.stat_cache import MappedStatCache
        from mlops_core.store.store import Store

        self.root = root
        self.settings = settings
        self.state_dir = state_dir
        self.readonly = readonly
        self.database = database
        self.syncs = SyncQueue(database.sync, self._settled, self._lost)
        self.store = Store(state_dir, SqliteCellIndex(database), syncs=self.syncs)
        self.stat_cache = MappedStatCache(state_dir, readonly=readonly)

    def _settled(self, files: "Sequence[NewFile]") -> None:
        with self.database.transaction():
            self.store.settled(files)

    def _lost(self, files: "Sequence[NewFile]") -> None:
        self.store.lost(files)

    def close(self) -> None:
        """Bring to the disk what is not there, and close the database. Closing twice does nothing more.

        Raises what the disk refuses: DiskFull, StateNotWritable.
        """
        try:
            self.stat_cache.flush()
            self.syncs.rest()
            self.syncs.check()
        finally:
            self.database.close()

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_workspace(root: Path, *, readonly: bool = False) -> Workspace:
    """The workspace of the project at ``root``; its state is created where there is none.

    ``readonly`` changes nothing on disk: a state that is not there reads as an empty one. Only a damaged
    database is moved aside, with a warning on stderr, so that this and every later command goes on.
    Raises ``ConfigError``, ``NewerState``, ``StateNotWritable``, ``DamagedState``.
    """
    root = Path(os.path.realpath(root))
    settings = read_settings(root)
    folder = state_folder(root)
    check_version(folder)
    if not readonly:
        make_state(folder)
    return Workspace(root, settings, folder, _database(folder, readonly), readonly=readonly)


def _database(folder: Path, readonly: bool) -> "Database":
    """The database of a state folder; a damaged one is moved aside, whole, and a fresh one begun."""
    from mlops_core.metadata.database import Database

    if not Database.is_suspect(folder):
        try:
            return Database.open(folder, readonly=readonly)
        except DamagedState as damage:
            database = _begun_anew(folder, damage)
    else:
        database = _begun_anew(folder)
    if not readonly:
        return database
    database.close()
    reader = Database.open(folder, readonly=True)
    reader.moved_aside, reader.salvaged = database.moved_aside, database.salvaged
    return reader


def _begun_anew(folder: Path, damage: DamagedState | None = None) -> "Database":
    """The database once it was read as a whole. Raises ``damage`` where nothing can be moved."""
    from mlops_core.metadata.database import Database

    try:
        database = Database.open(folder, rebuild=True)
    except StateNotWritable as refusal:
        raise damage or refusal from None
    if database.moved_aside is not None:
        from mlops_core.workspace.recovery import index_again, told

        cells = index_again(folder, database)
        print(f"warning: {told(database, cells)}", file=sys.stderr)
    return database


class _Current:
    """The workspace of this process, and the process that opened it: a forked child opens its own."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.workspace: Workspace | None = None
        self.process = 0


_current = _Current()


def current_workspace() -> Workspace:
    """The workspace of the running Python program, opened once per process.

    The running script becomes known under its canonical name first. Raises as ``open_workspace``.
    """
    with _current.lock:
        if _current.workspace is None or _current.process != os.getpid():
            alias_main()
            _current.workspace = open_workspace(program_root())
            _current.process = os.getpid()
        return _current.workspace


def set_current_workspace(workspace: Workspace | None) -> None:
    """Let ``current_workspace`` give this one from now on (None: open anew): for the command line."""
    with _current.lock:
        _current.workspace = workspace
        _current.process = os.getpid()


def _renew_lock() -> None:
    """In a forked child: the parent's other threads may have held the lock."""
    _current.lock = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock)
