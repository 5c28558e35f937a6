"""Single values: text, truth values, numbers, dates and paths, from text or from TOML and JSON values."""

import datetime
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import TypeVar

from mlops_core.config.mismatch import Mismatch

_T = TypeVar("_T")

TRUE = frozenset({"true", "yes", "1"})
FALSE = frozenset({"false", "no", "0"})

#: What each kind accepts, in words for messages.
ALLOWED: dict[type, str] = {
    str: "text",
    bool: "true, false, yes, no, 1 or 0",
    int: "an int (6, -1, 1_000, 0xff)",
    float: "a float (0.1, 1e-3, inf, nan)",
    datetime.datetime: "a date with time in ISO 8601 (2024-12-31T23:59:00)",
    datetime.date: "a date in ISO 8601 (2024-12-31)",
    datetime.time: "a time in ISO 8601 (23:59:00)",
    Path: "a path",
    PurePath: "a path",
}


def to_str(given: object) -> str:
    """Text as it is; a number or truth value is not text."""
    if isinstance(given, str):
        return given
    raise Mismatch(given, ALLOWED[str] + " (in quotes where it is written as TOML or JSON)")


def to_bool(given: object) -> bool:
    """Text in any case; of other values true, false, 1 and 0."""
    if isinstance(given, bool):
        return given
    word = str(given).strip().casefold() if isinstance(given, int | str) else ""
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise Mismatch(given, ALLOWED[bool])


def to_int(given: object) -> int:
    """As Python reads it: ``int()`` first, then the literal forms with a base."""
    if type(given) is int:
        return given
    if not isinstance(given, str):
        raise Mismatch(given, ALLOWED[int])
    for base in (10, 0):
        try:
            return int(given, base)
        except ValueError:
            continue
    raise Mismatch(given, ALLOWED[int])


def to_float(given: object) -> float:
    """As Python reads it; an int is a float, a truth value is not."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise Mismatch(given, ALLOWED[float])
    try:
        return float(given)
    except (ValueError, OverflowError):
        raise Mismatch(given, ALLOWED[float]) from None


def to_datetime(given: object) -> datetime.datetime:
    """ISO 8601 text or a TOML date; a date alone is its midnight."""
    if isinstance(given, datetime.datetime):
        return given
    text = given.isoformat() if isinstance(given, datetime.date) else given
    return _from_iso(datetime.datetime.fromisoformat, text, given, ALLOWED[datetime.datetime])


def to_date(given: object) -> datetime.date:
    """ISO 8601 text or a TOML date; a date with a time is refused, not cut."""
    if type(given) is datetime.date:
        return given
    return _from_iso(datetime.date.fromisoformat, given, given, ALLOWED[datetime.date])


def to_time(given: object) -> datetime.time:
    """ISO 8601 text or a TOML time."""
    if isinstance(given, datetime.time):
        return given
    return _from_iso(datetime.time.fromisoformat, given, given, ALLOWED[datetime.time])


def to_path(given: object) -> Path:
    """A path as written; whose folder it is relative to, the caller knows."""
    if isinstance(given, str | PurePath):
        return Path(given)
    raise Mismatch(given, ALLOWED[Path])


def to_pure_path(given: object) -> PurePath:
    """A path that is text to the product, never a file input."""
    if isinstance(given, str | PurePath):
        return PurePath(given)
    raise Mismatch(given, ALLOWED[PurePath])


def _from_iso(read: Callable[[str], _T], text: object, given: object, allowed: str) -> _T:
    if not isinstance(text, str):
        raise Mismatch(given, allowed)
    try:
        return read(text)
    except ValueError:
        raise Mismatch(given, allowed) from None


#: Converters by type. Subclasses are looked up along their bases, so the special case stands first.
CONVERTERS: dict[type, Callable[[object], object]] = {
    str: to_str,
    bool: to_bool,
    int: to_int,
    float: to_float,
    datetime.datetime: to_datetime,
    datetime.date: to_date,
    datetime.time: to_time,
    Path: to_path,
    PurePath: to_pure_path,
}
