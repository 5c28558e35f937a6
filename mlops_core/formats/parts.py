"""Containers taken apart into named parts, and put together again without running their ``__init__``."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from mlops_core.formats.type_names import is_findable


class Part(NamedTuple):
    """``name`` is the child's name in the artifact, ``suffix`` how Python reaches it (``[0]``, ``.x``)."""

    name: str
    suffix: str
    value: object


def kind_of(value: object) -> str | None:
    """``tuple list dict namedtuple dataclass``, exact types only; None for what must stay whole."""
    cls = type(value)
    if cls is tuple or cls is list:
        return cls.__name__
    if cls is dict:
        return "dict" if all(type(key) is str and _is_text(key) for key in value) else None  # type: ignore[attr-defined]
    if not _has_plain_state(cls):
        return None
    if cls.__bases__ == (tuple,) and isinstance(getattr(cls, "_fields", None), tuple):
        return "namedtuple" if not hasattr(value, "__dict__") and len(cls._fields) == len(value) else None  # type: ignore[arg-type, attr-defined]
    if "__dataclass_fields__" in cls.__dict__:
        return "dataclass" if _has_only_fields(value) else None
    return None


def parts_of(kind: str, value: Any) -> list[Part]:
    """The parts of a container in order."""
    if kind == "dict":
        return [Part(key, f"[{key!r}]", item) for key, item in value.items()]
    if kind == "namedtuple":
        return [Part(n, f".{n}", item) for n, item in zip(type(value)._fields, value, strict=True)]
    if kind == "dataclass":
        return [Part(n, f".{n}", getattr(value, n)) for n in type(value).__dataclass_fields__]
    return [Part(str(i), f"[{i}]", item) for i, item in enumerate(value)]


def rebuild(kind: str, cls: Any, values: dict[str, object]) -> object:
    """The container with these parts, as ``pickle`` would make it: without calling ``__init__``."""
    if kind == "dict":
        return values
    if kind == "list":
        return list(values.values())
    if kind == "tuple":
        return tuple(values.values())
    if kind == "namedtuple":
        return tuple.__new__(cls, _in_order(values, cls._fields))
    made = object.__new__(cls)
    for name in cls.__dataclass_fields__:
        object.__setattr__(made, name, values[name])
    return made


def _in_order(values: dict[str, object], names: Iterable[str]) -> list[object]:
    return [values[name] for name in names]


def _has_plain_state(cls: type) -> bool:
    """Whether the class leaves copying and pickling to Python: otherwise its fields are not all there is."""
    own = ("__reduce__", "__reduce_ex__", "__setstate__", "__getstate__", "__getnewargs_ex__")
    changed = any(getattr(cls, name, None) is not getattr(object, name, None) for name in own)
    return not changed and is_findable(cls)


def _has_only_fields(value: object) -> bool:
    cls = type(value)
    fields = cls.__dataclass_fields__  # type: ignore[attr-defined] # a dataclass
    if cls.__new__ is not object.__new__ or not all(hasattr(value, name) for name in fields):
        return False
    return vars(value).keys() == fields.keys() if hasattr(value, "__dict__") else True


def _is_text(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)
