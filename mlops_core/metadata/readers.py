"""Connections that read, lent to one thread at a time and kept for the next."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

# Connections of a process before it forked. A child must not use them, and closing one could wait for a
# mutex that a thread of the parent held, so they are kept for good.
_inherited: list[object] = []


class Readers:
    """A pool of read-only connections; ``open_one`` makes another.

    The pool is as large as the most threads that ever read at one moment. ``list.pop`` and ``append`` are
    atomic, so lending needs no lock.
    """

    def __init__(self, open_one: Callable[[], sqlite3.Connection]) -> None:
        self._open_one = open_one
        self._idle: list[sqlite3.Connection] = []

    def query(self, sql: str, args: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """All rows of a statement. Raises sqlite3.Error."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._open_one()
        try:
            return connection.execute(sql, args).fetchall()
        except sqlite3.OperationalError as error:
            if "decode" not in str(error):
                raise
            return _undecoded(connection, sql, args)
        finally:
            self._idle.append(connection)

    @contextmanager
    def lent(self) -> Iterator[sqlite3.Connection]:
        """A connection for the time of the block."""
        connection = self._idle.pop() if self._idle else self._open_one()
        try:
            yield connection
        finally:
            self._idle.append(connection)

    def close(self) -> None:
        """Close what is idle; what is lent at this moment stays for the next call."""
        while self._idle:
            self._idle.pop().close()

    def abandon(self) -> None:
        """After a fork, in the child: leave the parent's connections alone."""
        _inherited.append(self._idle)
        self._idle = []


def _undecoded(connection: sqlite3.Connection, sql: str, args: Sequence[object]) -> list[tuple[object, ...]]:
    """The rows with what is no UTF-8 replaced: a flipped bit then fails the row's seal, not the query."""
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    try:
        return connection.execute(sql, args).fetchall()
    finally:
        connection.text_factory = str
