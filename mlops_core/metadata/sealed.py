"""Tables whose rows carry a checksum over all their other columns (seal.py).

Values are brought into the form that SQLite gives back before they are sealed.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from math import isnan
from typing import Any, Generic, TypeVar

from mlops_core.metadata.damage import DamageLog
from mlops_core.metadata.seal import seal

Row = TypeVar("Row", bound=tuple[Any, ...])


class SealedTable(Generic[Row]):
    """A table with the columns of ``row_type`` (in its order) and ``seal``."""

    def __init__(self, name: str, row_type: type[Row]) -> None:
        self.name = name
        named: Any = row_type
        self.columns: tuple[str, ...] = named._fields
        self._make: Callable[[Iterable[Any]], Row] = named._make
        self._forms = [_form(annotation) for annotation in row_type.__annotations__.values()]
        listed = ", ".join(self.columns)
        self.select = f"SELECT {listed}, seal FROM {name}"
        self.insert = f"INSERT INTO {name} ({listed}, seal) VALUES ({'?, ' * len(self.columns)}?)"

    def upsert(self, *key: str) -> str:
        """The statement that inserts a row or replaces the one of the same key, without deleting it."""
        changes = ", ".join(f"{c} = excluded.{c}" for c in (*self.columns, "seal") if c not in key)
        return f"{self.insert} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"

    def update(self, key: str) -> str:
        """The statement that replaces the columns of the row whose ``key`` is the last argument."""
        changes = ", ".join(f"{column} = ?" for column in (*self.columns, "seal"))
        return f"UPDATE {self.name} SET {changes} WHERE {key} = ?"

    def sealed(self, row: Sequence[object]) -> tuple[object, ...]:
        """A row as it is stored, with its seal last. Raises TypeError, ValueError for a wrong type."""
        body = tuple(form(value) for form, value in zip(self._forms, row, strict=True))
        return (*body, seal(self.name, body))

    def intact(self, rows: Iterable[tuple[Any, ...]], damage: DamageLog, key: Hashable) -> list[Row]:
        """The rows (of ``select``) that match their seal; the others are noted under ``key``."""
        good = []
        for stored in rows:
            body = stored[:-1]
            if seal(self.name, body) == stored[-1]:
                good.append(self._make(body))
            else:
                damage.note(self.name, key, f"a row of {self.name} does not match its checksum")
        return good


def _form(annotation: Any) -> Callable[[Any], object]:
    """What brings a value into the form in which SQLite gives it back; ``T | None`` lets None through."""
    if isinstance(annotation, type):
        return _FORMS[annotation]
    form = _FORMS[annotation.__args__[0]]
    return lambda value: None if value is None else form(value)


def _real(value: float) -> float | None:
    number = float(value) + 0.0  # SQLite stores -0.0 as 0.0
    return None if isnan(number) else number  # and NaN as NULL


def as_text(value: str) -> str:
    """Text as it is stored and looked up by."""
    plain = str.__str__(value)  # an enum member, say, has a repr of its own
    if plain.isascii():
        return plain
    # Names of files that are no UTF-8 hold lone surrogates, which SQLite cannot store.
    return plain.encode("utf-8", "backslashreplace").decode("utf-8")


_FORMS: dict[type, Callable[[Any], object]] = {int: int, float: _real, str: as_text, bytes: bytes}
