"""Rows that did not match their checksum: what was passed over, and why."""

from collections.abc import Hashable
from typing import NamedTuple


class DamagedRow(NamedTuple):
    """A row that was treated as absent; ``key`` is what it was looked up by."""

    table: str
    key: Hashable
    reason: str


class DamageLog:
    """The damaged rows that one Database has met, each once, the oldest forgotten beyond ``limit``."""

    def __init__(self, limit: int = 1000) -> None:
        self._limit = limit
        self._rows: dict[tuple[str, Hashable], DamagedRow] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def note(self, table: str, key: Hashable, reason: str) -> None:
        """Remember a row that is passed over."""
        self._rows[table, key] = DamagedRow(table, key, reason)
        while len(self._rows) > self._limit:
            self._rows.pop(next(iter(self._rows)), None)

    def about(self, table: str, key: Hashable) -> DamagedRow | None:
        """The damaged row that stood in the way of a look-up by ``key``."""
        return self._rows.get((table, key))

    def take(self) -> list[DamagedRow]:
        """All rows noted since the last call."""
        rows = list(self._rows.values())
        self._rows.clear()
        return rows
