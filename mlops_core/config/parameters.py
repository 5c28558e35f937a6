"""Pipeline parameters from text and from TOML values, converted by their annotation.

One set of rules for both: text from the command line is read, a value of
``mlops.toml`` that is no text must already be of the right kind.
"""

import inspect
from enum import Enum
from types import NoneType
from typing import Any

from mlops_core.config import choices, scalars, structures
from mlops_core.config.annotations import (
    allows_none,
    concrete_type,
    literal_options,
    union_members,
    unwrapped,
)
from mlops_core.config.json_text import in_order
from mlops_core.config.mismatch import Ambiguity, Mismatch
from mlops_core.errors import ParameterError

MISSING = inspect.Parameter.empty
NULL = "null"

_LISTS = {list: structures.to_list, tuple: structures.to_tuple, dict: structures.to_dict}


def convert(name: str, given: object, annotation: object = MISSING, default: object = MISSING) -> object:
    """``given`` (text, or a value of a TOML file) as a value of ``annotation``.

    ``annotation`` is resolved (no text in it); without one the type of ``default`` counts.
    Raises ``ParameterError`` naming the parameter, what was given and what is allowed.
    """
    try:
        return _top(given, annotation, default)
    except Mismatch as mismatch:
        raise _error(name, mismatch) from mismatch.__cause__


def _top(given: object, annotation: object, default: object) -> object:
    if _is_free(unwrapped(annotation)):
        return _by_default(given, default)
    if default is None and _is_null(given):
        return None
    return to(annotation, given)


def _by_default(given: object, default: object) -> object:
    if default is MISSING:
        return in_order(given)
    if default is None:
        return None if _is_null(given) else in_order(given)
    return to(type(default), given)


def to(annotation: object, given: object) -> object:
    """``given`` as a value of ``annotation``; raises ``Mismatch`` with what is allowed."""
    annotation = unwrapped(annotation)
    if _is_free(annotation):
        return in_order(given)
    if members := union_members(annotation):
        return _to_union(annotation, members, given)
    if options := literal_options(annotation):
        return choices.to_literal(options, given)
    if annotation in (None, NoneType):
        if _is_null(given):
            return None
        raise Mismatch(given, NULL)
    return _to_class(annotation, given)


def _to_union(annotation: object, members: tuple[object, ...], given: object) -> object:
    if _is_null(given) and allows_none(annotation):
        return None
    for member in members:
        try:
            return to(member, given)
        except Ambiguity:
            raise
        except Mismatch:
            continue
    raise Mismatch(given, allowed(annotation))


def _to_class(annotation: object, given: object) -> object:
    kind = concrete_type(annotation)
    if kind is None:
        raise Mismatch(given, allowed(annotation))
    if issubclass(kind, Enum):
        return choices.to_enum(kind, given)
    if record := structures.record_converter(kind):
        return record(kind, given, to)
    if kind in _LISTS:
        return _LISTS[kind](annotation, given, to)
    if kind in (set, frozenset):
        return kind(structures.to_list(annotation, given, to))
    return _to_scalar(kind, given)


def _to_scalar(kind: type, given: object) -> object:
    for base in kind.__mro__:
        if base in scalars.CONVERTERS:
            value = scalars.CONVERTERS[base](given)
            return value if isinstance(value, kind) else kind(value)
    raise Mismatch(given, allowed(kind))


def allowed(annotation: object) -> str:
    """What may be given for an annotation, in words."""
    annotation = unwrapped(annotation)
    if members := union_members(annotation):
        return " or ".join(allowed(member) for member in members)
    if options := literal_options(annotation):
        return choices.literal_allowed(options)
    if annotation in (None, NoneType):
        return NULL
    if _is_free(annotation):
        return scalars.ALLOWED[str]
    return _class_allowed(annotation)


def _class_allowed(annotation: object) -> str:
    kind = concrete_type(annotation)
    if kind is None:
        return f"nothing that can be written as text: it is annotated {annotation}"
    if issubclass(kind, Enum):
        return choices.enum_allowed(kind)
    if kind in (list, set, frozenset, tuple):
        return structures.LIST
    if kind is dict or structures.record_converter(kind):
        return structures.OBJECT
    known = next((scalars.ALLOWED[base] for base in kind.__mro__ if base in scalars.ALLOWED), None)
    return known or f"nothing that can be written as text: it is annotated {kind.__qualname__}"


def _is_free(annotation: object) -> bool:
    return annotation is MISSING or annotation is Any or annotation is object


def _is_null(given: object) -> bool:
    return given is None or (isinstance(given, str) and given == NULL)


def _error(name: str, mismatch: Mismatch) -> ParameterError:
    shown = repr(mismatch.given)
    shown = shown if len(shown) <= 80 else shown[:77] + "..."
    place = f" at {mismatch.where}" if mismatch.where else ""
    verb = "is ambiguous" if isinstance(mismatch, Ambiguity) else "does not fit"
    return ParameterError(
        f"parameter {name!r}{place}: {shown} {verb}; allowed is {mismatch.allowed}",
        hint=f"Give another value: -p {name}=VALUE",
        name=name,
        given=mismatch.given,
        allowed=mismatch.allowed,
        where=mismatch.where,
    )
