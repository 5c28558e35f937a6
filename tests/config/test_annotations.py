"""Annotations given as text, in all the places where their names can come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import pytest

from mlops_core.config.annotations import UnresolvedAnnotationError, allows_none, resolve_annotation
from mlops_core.config.parameters import convert


class Colour(Enum):
    RED = 1


@dataclass
class Box:
    colour: Colour
    inner: Box | None = None


def body(colour: Colour, many: list[Colour], box: Box, missing: Nowhere) -> None: ...  # type: ignore[name-defined]  # noqa: F821


def closing() -> Callable[..., None]:
    class Local(Enum):
        ONE = 1

    def inner(local: Local) -> None:
        Local.ONE  # noqa: B018 - makes it a variable of the closure

    return inner


def resolved(name: str) -> object:
    return resolve_annotation(body.__annotations__[name], body)


def test_text_annotations_are_resolved_in_the_module() -> None:
    assert resolved("colour") is Colour
    assert convert("many", "RED,1", resolved("many")) == [Colour.RED, Colour.RED]


def test_fields_of_a_dataclass_are_resolved_in_its_module() -> None:
    value = convert("box", '{"colour": "RED", "inner": {"colour": "1"}}', resolved("box"))
    assert value == Box(Colour.RED, Box(Colour.RED))


def test_variables_of_the_closure_count() -> None:
    inner = closing()
    annotation = resolve_annotation(inner.__annotations__["local"], inner)
    assert isinstance(annotation, type)
    assert annotation.__name__ == "Local"


def test_a_quoted_name_inside_a_type_is_resolved() -> None:
    assert resolve_annotation(list["Colour"], body) == list[Colour]


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(UnresolvedAnnotationError, match="Nowhere"):
        resolved("missing")


def test_none_is_found_in_nested_unions() -> None:
    assert allows_none(int | None)
    assert not allows_none(int | str)
