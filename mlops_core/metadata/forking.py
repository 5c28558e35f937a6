"""Keep SQLite connections out of forked children.

A child that used or closed its parent's writing connection could checkpoint with locks that it does not
have. So the writers are closed before a fork (which also waits for transactions of other threads), and the
child starts with none.
"""

import os
import weakref
from typing import Protocol

from mlops_core.metadata.readers import Readers
from mlops_core.metadata.writer import Writer

_kept: list[object] = []
_waiting: list["Forked"] = []


class Forked(Protocol):
    """What has a writer and readers: a Database."""

    @property
    def writer(self) -> Writer: ...
    @property
    def readers(self) -> Readers: ...


_open: "weakref.WeakSet[Forked]" = weakref.WeakSet()


def watch(database: Forked) -> None:
    """Close and reset this one around forks, for as long as it lives."""
    _open.add(database)


def _before() -> None:
    _waiting[:] = list(_open)
    for database in _waiting:
        database.writer.mutex.acquire()
        database.writer.close()


def _in_parent() -> None:
    for database in _waiting:
        database.writer.mutex.release()
    _waiting.clear()


def _in_child() -> None:
    for database in _waiting:
        _kept.append(database.writer.abandon())
        database.readers.abandon()
    _waiting.clear()


os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
