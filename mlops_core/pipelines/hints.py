"""Annotations of a function, each resolved by itself, when somebody asks.

A name that exists only for the type checker makes its own annotation unknown and no other.
"""

import sys
from collections.abc import Mapping
from types import FunctionType


class _Unknown:
    """No annotation, or one that cannot be resolved."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


def annotation_of(function: FunctionType, name: str) -> object:
    """The annotation of a parameter or of ``"return"``; ``UNKNOWN`` where there is none to be had."""
    if name not in function.__annotations__:
        return UNKNOWN
    return resolved(function.__annotations__[name], function.__globals__, _closure(function))


def field_annotation(owner: type, annotation: object) -> object:
    """The annotation of a field of a class, resolved in the class's module."""
    module = sys.modules.get(owner.__module__)
    return resolved(annotation, vars(module) if module else {}, vars(owner))


def resolved(annotation: object, names: dict[str, object], inner: Mapping[str, object]) -> object:
    """A text (``from __future__ import annotations``, a quoted type) evaluated; anything else as it is."""
    text = getattr(annotation, "__forward_arg__", annotation)
    if not isinstance(text, str):
        return annotation
    try:
        return eval(text, dict(names), inner)  # the user's own annotation, as typing.get_type_hints does
    except Exception:  # whatever it raises, the annotation says nothing
        return UNKNOWN


def _closure(function: FunctionType) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # still empty
            continue
    return found


def is_none(annotation: object) -> bool:
    """Whether the annotation is ``None``."""
    return annotation is None or annotation is type(None)


def marks(annotation: object) -> tuple[object, ...]:
    """What stands beside the type in ``Annotated[...]``."""
    found: tuple[object, ...] = getattr(annotation, "__metadata__", ())
    return found


def bare(annotation: object) -> object:
    """The type itself, without ``Annotated``, ``NewType`` and ``type X = ...`` around it."""
    while True:
        if marks(annotation):
            annotation = getattr(annotation, "__origin__", UNKNOWN)
        elif hasattr(annotation, "__supertype__"):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = getattr(annotation, "__value__", UNKNOWN)
        else:
            return annotation
