"""One of several: enumerations by member name, else value, and literals by their text."""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import TypeVar

from mlops_core.config.mismatch import Ambiguity, Mismatch

_T = TypeVar("_T")


def to_enum(kind: type[Enum], given: object) -> Enum:
    """The member of this name, else of this value (text is compared with the value's text)."""
    if isinstance(given, kind):
        return given
    if isinstance(given, str) and given in kind.__members__:
        return kind.__members__[given]
    return _only(given, _fitting(given, kind, lambda member: member.value), enum_allowed(kind))


def to_literal(options: tuple[object, ...], given: object) -> object:
    """The option whose text is given; a value that is no text must be an option itself, type included."""
    return _only(given, _fitting(given, options, lambda option: option), literal_allowed(options))


def enum_allowed(kind: type[Enum]) -> str:
    """All members by name, in words for messages."""
    return f"one of {', '.join(kind.__members__)}"


def literal_allowed(options: tuple[object, ...]) -> str:
    """All options by text, in words for messages."""
    return f"one of {', '.join(text_of(option) for option in options)}"


def text_of(option: object) -> str:
    """How an option is written on the command line."""
    if option is None:
        return "null"
    if isinstance(option, bool):
        return "true" if option else "false"
    return option.name if isinstance(option, Enum) else str(option)


def _fitting(given: object, members: Iterable[_T], value: Callable[[_T], object]) -> list[_T]:
    return [member for member in members if _fits(given, value(member))]


def _fits(given: object, option: object) -> bool:
    if not isinstance(given, str):
        return type(given) is type(option) and given == option
    if isinstance(option, bool):  # Python's own spelling of truth values is welcome, too
        return given.casefold() == text_of(option)
    return given == text_of(option)


def _only(given: object, fitting: list[_T], allowed: str) -> _T:
    if not fitting:
        raise Mismatch(given, allowed)
    if len(fitting) > 1:
        raise Ambiguity(given, f"{allowed}; it could mean {' or '.join(map(repr, fitting))}")
    return fitting[0]
