"""Lists, tuples, sets, dicts, dataclasses, named tuples and typed dicts: as JSON, items converted in turn."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NotRequired, Required, cast, get_args, get_origin, get_type_hints, is_typeddict

from mlops_core.config.json_text import in_order, read_json
from mlops_core.config.mismatch import Mismatch
from mlops_core.config.nearest import nearest

#: Converts one item: ``convert(annotation, given)``.
Convert = Callable[[object, object], object]

LIST, TUPLE, OBJECT = "a JSON list", "a JSON list of {} items", "a JSON object"


def to_list(annotation: object, given: object, convert: Convert) -> list[object]:
    """A JSON list; where the items have a type, also comma-separated text."""
    item = next(iter(get_args(annotation)), None)
    if isinstance(given, str) and item is not None and not given.lstrip().startswith("["):
        parts: list[object] = [part.strip() for part in given.split(",")]
        return _converted([item] * len(parts), parts if given.strip() else [], convert)
    values = _json_list(given, LIST if item is None else LIST + " or comma-separated text")
    return values if item is None else _converted([item] * len(values), values, convert)


def to_tuple(annotation: object, given: object, convert: Convert) -> tuple[object, ...]:
    """A JSON list, of the length that the annotation gives."""
    items = get_args(annotation)
    values = _json_list(given, LIST)
    if not items:
        return tuple(values)
    if items[-1] is Ellipsis:
        items = items[:1] * len(values)
    if len(items) != len(values):
        raise Mismatch(given, TUPLE.format(len(items)))
    return tuple(_converted(items, values, convert))


def to_dict(annotation: object, given: object, convert: Convert) -> dict[object, object]:
    """A JSON object; keys are converted like items."""
    values = _json_object(given)
    if not get_args(annotation):
        return cast("dict[object, object]", values)
    key_kind, item_kind = get_args(annotation)
    converted = {
        _at(f"[{key!r}]", convert, key_kind, key): _at(f"[{key!r}]", convert, item_kind, item)
        for key, item in values.items()
    }
    if len(converted) < len(values):  # "1" and "01" as keys that are ints
        raise Mismatch(given, f"{OBJECT} with each key once")
    return converted


def to_dataclass(kind: type, given: object, convert: Convert) -> object:
    """A JSON object of its fields; those with a default may be left out."""
    if isinstance(given, kind):
        return given
    fields = [field for field in dataclasses.fields(kind) if field.init]
    required = {
        field.name
        for field in fields
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }
    return _made(kind, given, [field.name for field in fields], required, convert)


def to_named_tuple(kind: type, given: object, convert: Convert) -> object:
    """A JSON object of its fields."""
    names: tuple[str, ...] = getattr(kind, "_fields", ())
    defaults: dict[str, object] = getattr(kind, "_field_defaults", {})
    return _made(kind, given, list(names), set(names) - set(defaults), convert)


def to_typed_dict(kind: type, given: object, convert: Convert) -> object:
    """A JSON object of its keys."""
    required: frozenset[str] = getattr(kind, "__required_keys__", frozenset())
    return _made(kind, given, list(get_type_hints(kind)), set(required), convert)


def record_converter(kind: type) -> Callable[[type, object, Convert], object] | None:
    """The converter for a class with named fields, None for any other class."""
    if dataclasses.is_dataclass(kind):
        return to_dataclass
    if is_typeddict(kind):
        return to_typed_dict
    return to_named_tuple if issubclass(kind, tuple) and hasattr(kind, "_fields") else None


def _made(kind: type, given: object, names: list[str], required: set[str], convert: Convert) -> object:
    values = _json_object(given)
    _check_names(given, values, names, required)
    hints = get_type_hints(kind, include_extras=True)
    fields = {
        name: _at(f".{name}", convert, _bare(hints.get(name, Any)), values[name])
        for name in names
        if name in values
    }
    try:
        return kind(**fields)
    except Exception as error:  # the class's own checks, whatever they raise
        raise Mismatch(given, f"what {kind.__name__} accepts ({error})") from error


def _bare(hint: object) -> object:
    return get_args(hint)[0] if get_origin(hint) in {Required, NotRequired} else hint


def _check_names(given: object, values: Mapping[str, object], names: list[str], required: set[str]) -> None:
    listing = f"a JSON object with the fields {', '.join(names)}"
    for name in values:
        if name not in names:
            near = nearest(name, names)
            raise Mismatch(given, f"{listing}; there is no {name!r}" + (f", but {near!r}" if near else ""))
    missing = [name for name in names if name in required and name not in values]
    if missing:
        raise Mismatch(given, f"{listing}; {', '.join(missing)} must be given")


def _json_list(given: object, allowed: str) -> list[object]:
    values = read_json(given, allowed) if isinstance(given, str) else in_order(given)
    if not isinstance(values, list | tuple):
        raise Mismatch(given, allowed)
    return list(values)


def _json_object(given: object) -> dict[str, object]:
    values = read_json(given, OBJECT) if isinstance(given, str) else in_order(given)
    if not isinstance(values, dict):
        raise Mismatch(given, OBJECT)
    return cast("dict[str, object]", values)


def _converted(kinds: Sequence[object], values: list[object], convert: Convert) -> list[object]:
    pairs = enumerate(zip(kinds, values, strict=False))
    return [_at(f"[{place}]", convert, kind, value) for place, (kind, value) in pairs]


def _at(where: str, convert: Convert, kind: object, value: object) -> object:
    try:
        return convert(kind, value)
    except Mismatch as mismatch:
        raise mismatch.below(where) from mismatch.__cause__
