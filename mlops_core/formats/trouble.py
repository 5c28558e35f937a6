"""Where in a value the part lies that cannot be stored: for an error that names it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

_DEEPEST = 50
_MOST_CHILDREN = 1000


class Trouble(NamedTuple):
    """``where`` reads like Python (``value.model.callback``); ``error`` is what storing it raised."""

    where: str
    value: object
    error: Exception | None


def find_trouble(value: object, where: str, refuses: Callable[[object], Exception | None]) -> Trouble:
    """Follow the first part that ``refuses`` gives an error for, down to one whose own parts are fine."""
    trouble = Trouble(where, value, None)
    seen: set[int] = set()
    for _ in range(_DEEPEST):
        seen.add(id(trouble.value))
        below = next(_troubled_parts(trouble, refuses, seen), None)
        if below is None:
            break
        trouble = below
    return trouble


def _troubled_parts(
    trouble: Trouble, refuses: Callable[[object], Exception | None], seen: set[int]
) -> Iterator[Trouble]:
    for count, (suffix, part) in enumerate(_parts(trouble.value)):
        if count >= _MOST_CHILDREN:
            return
        error = None if id(part) in seen else refuses(part)
        if error is not None:
            yield Trouble(trouble.where + suffix, part, error)


def _parts(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield from ((f"[{key!r}]", item) for key, item in value.items())
        yield from ((f".keys()[{key!r}]", key) for key in value)
    elif isinstance(value, list | tuple):
        fields = getattr(value, "_fields", None)
        names = [f".{name}" for name in fields] if fields else [f"[{i}]" for i in range(len(value))]
        yield from zip(names, value, strict=False)
    elif isinstance(value, set | frozenset):
        yield from (("{...}", item) for item in value)
    yield from _attributes(value)


def _attributes(value: object) -> Iterator[tuple[str, object]]:
    if not isinstance(value, type):
        yield from ((f".{name}", item) for name, item in getattr(value, "__dict__", {}).items())
