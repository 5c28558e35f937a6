"""Dispatch by type: the first class of a table that a value is an instance of says how it is described."""

from collections.abc import Callable, Iterable
from typing import Any

Described = bytes | tuple[str, tuple[object, ...]]
Table = tuple[tuple[type | tuple[type, ...], Callable[[Any], Described | None]], ...]


def first_of(table: Table, value: object) -> Described | None:
    """Description by the first row that fits; None where none does."""
    for kind, make in table:
        if isinstance(value, kind):
            return make(value)
    return None


def metadata_pairs(metadata: Iterable[tuple[bytes, bytes]] | None) -> tuple[tuple[bytes, bytes], ...]:
    """Metadata of a schema in one order: it is a mapping, and nobody promises its order."""
    return tuple(sorted(metadata or ()))
