"""Content of a class: bases, metaclass, and what its body and decorators left in it."""

import abc
import enum
from typing import TYPE_CHECKING

from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.code.code_objects import is_code
from mlops_core.fingerprints.names import module_name
from mlops_core.fingerprints.objects import opaque_name

if TYPE_CHECKING:
    from mlops_core.fingerprints.code.walk import Walk

# Names, lines and caches: not behaviour, or added by a mere look at the class.
_SKIPPED = frozenset({
    "__module__", "__qualname__", "__doc__", "__dict__", "__weakref__", "__firstlineno__",
    "__static_attributes__", "__slotnames__", "_abc_impl", "__annotations_cache__",
    "__abstractmethods__",
})  # fmt: skip
_ENUM_INTERNALS = frozenset({
    "_generate_next_value_", "_member_names_", "_member_map_", "_value2member_map_", "_unhashable_values_",
    "_hashable_values_", "_unhashable_values_map_", "_member_type_", "_value_repr_", "_new_member_",
    "_use_args_", "_flag_mask_", "_singles_mask_", "_all_bits_", "_inverted_", "_boundary_", "__new__",
    "_add_member_", "_add_alias_", "_add_value_alias_",
})  # fmt: skip


def class_content(walk: "Walk", subject: object) -> tuple[object, ...]:
    """Everything that counts of one class; methods and inner classes are parts of their own."""
    assert isinstance(subject, type)
    body = vars(subject)
    skipped = _SKIPPED | (_ENUM_INTERNALS | set(_member_names(subject)) if _is_enum(subject) else set())
    items: list[object] = []
    for name, value in list(body.items()):
        if name in skipped or (name == "__annotations__" and not value):
            continue
        walk.guards.entry(body, name, value)
        walk.watch(value)
        items.append((name, _attribute(walk, name, value)))
    walk.guards.size(body)
    return (
        "class/0",
        subject.__bases__,
        type(subject),
        tuple(items),
        _members(subject),
        *_virtual(walk, subject),
    )


def _virtual(walk: "Walk", subject: type) -> tuple[tuple[str, ...], ...]:
    """Classes that were registered with an abstract class: ``isinstance`` says yes to them."""
    if "_abc_impl" not in vars(subject):
        return ()
    found = _registered(subject)
    walk.guards.content(lambda: _registered(subject), found)
    return (found,) if found else ()


def _registered(subject: type) -> tuple[str, ...]:
    """Their names: what they do is walked where they are used."""
    registry = abc._get_dump(subject)[0]  # type: ignore[attr-defined]  # nothing public gives it
    alive = [reference() for reference in registry]
    names = [f"{module_name(c.__module__)}:{c.__qualname__}" for c in alive if c is not None]
    return tuple(sorted(names))


def _is_enum(subject: type) -> bool:
    return issubclass(subject, enum.Enum)


def _member_names(subject: type) -> list[str]:
    return list(getattr(subject, "__members__", ()))


def _members(subject: type) -> tuple[object, ...]:
    """Members of an enum in order: name, value, and what ``__init__`` left in them."""
    if not _is_enum(subject):
        return ()
    found = []
    for name, member in getattr(subject, "__members__", {}).items():
        kept = {k: v for k, v in vars(member).items() if k not in ("_name_", "__objclass__", "_sort_order_")}
        found.append((name, member.name, kept))
    return tuple(found)


def _attribute(walk: "Walk", name: str, value: object) -> object:
    """A class attribute; what a library left there under a reserved name may be opaque."""
    if is_code(value) or not (name.startswith("__") and name.endswith("__")):
        return value
    try:
        walk.probe(value)
    except UnfingerprintableValue:
        return ("opaque", opaque_name(value))
    return value
