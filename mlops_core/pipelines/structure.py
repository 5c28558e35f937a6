"""What an annotation says about the shape of a value that is not there yet: length, items, fields.

Every function takes a resolved annotation and answers None or ``UNKNOWN`` where it says nothing.
"""

import sys
from types import GenericAlias

from mlops_core.pipelines.hints import UNKNOWN, bare, field_annotation


def length(annotation: object) -> int | None:
    """The number of items of ``tuple[A, B]`` or of a NamedTuple."""
    items = _items(annotation)
    return None if items is None else len(items)


def item(annotation: object, key: object) -> object:
    """The annotation of ``value[key]``."""
    items = _items(annotation)
    if items is not None:
        return items[key] if isinstance(key, int) and -len(items) <= key < len(items) else UNKNOWN
    annotation = bare(annotation)
    origin = _origin(annotation)
    args: tuple[object, ...] = getattr(annotation, "__args__", ())
    if origin is dict and len(args) == 2:
        return _resolved(args[1])
    if origin is list and len(args) == 1:
        return annotation if isinstance(key, slice) else _resolved(args[0])
    if origin is tuple and len(args) == 2 and args[1] is ...:
        return annotation if isinstance(key, slice) else _resolved(args[0])
    return UNKNOWN


def fields(annotation: object) -> tuple[str, ...] | None:
    """The names that may be read as attributes: of a NamedTuple or a dataclass, properties included."""
    owner = _origin(bare(annotation))
    if not isinstance(owner, type):
        return None
    named = getattr(owner, "_fields", None) if issubclass(owner, tuple) else dataclass_fields(owner)
    if named is None:
        return None
    return (*named, *(name for name, value in _members(owner) if isinstance(value, property)))


def field(annotation: object, name: str) -> object:
    """The annotation of ``value.name``, where ``name`` is one of ``fields``."""
    owner = _origin(bare(annotation))
    if not isinstance(owner, type):
        return UNKNOWN
    for kind in owner.__mro__:
        written = vars(kind).get("__annotations__", {})
        if name in written:
            return field_annotation(kind, written[name])
    return UNKNOWN


def dataclass_fields(owner: type) -> tuple[str, ...] | None:
    """The names of a dataclass's fields; None for any other class."""
    if "__dataclass_fields__" not in dir(owner):
        return None
    return tuple(found.name for found in sys.modules["dataclasses"].fields(owner))


def list_of(annotation: object) -> object:
    """The annotation of a map's result."""
    return UNKNOWN if annotation is UNKNOWN else GenericAlias(list, (annotation,))


def _members(owner: type) -> list[tuple[str, object]]:
    return [pair for kind in owner.__mro__ for pair in vars(kind).items()]


def _origin(annotation: object) -> object:
    return getattr(annotation, "__origin__", annotation)


def _items(annotation: object) -> list[object] | None:
    """The annotations of the items of a tuple of known length."""
    annotation = bare(annotation)
    origin = _origin(annotation)
    if not isinstance(origin, type) or not issubclass(origin, tuple):
        return None
    named = getattr(origin, "_fields", None)
    if named is not None:
        return [field(origin, name) for name in named]
    args = getattr(annotation, "__args__", None)
    if args is None or any(arg is ... or _is_unpacked(arg) for arg in args):
        return None
    return [_resolved(arg) for arg in args]


def _is_unpacked(argument: object) -> bool:
    """``*tuple[int, ...]`` or ``*Ts``: any number of items."""
    return bool(
        getattr(argument, "__unpacked__", False)
        or getattr(argument, "__typing_is_unpacked_typevartuple__", False)
        or "Unpack" in str(getattr(argument, "__origin__", ""))
    )


def _resolved(argument: object) -> object:
    return UNKNOWN if isinstance(argument, str) or hasattr(argument, "__forward_arg__") else argument
