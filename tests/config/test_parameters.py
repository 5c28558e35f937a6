"""The contract's rules for parameters, one test each, for text and for TOML values."""

import contextlib
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal, NamedTuple, NewType, NotRequired, Optional, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_core.config.parameters import convert
from mlops_core.errors import ParameterError


class Colour(Enum):
    RED = "r"
    GREEN = "RED"
    ONE = 1


class Level(IntEnum):
    LOW = 10
    HIGH = 20


class Twins(Enum):
    NUMBER = 1
    TEXT = "1"


@dataclass(frozen=True)
class Model:
    depth: int
    rates: list[float] = field(default_factory=list)
    folder: Path = Path("x")
    seen: int = field(default=0, init=False)


@dataclass
class Checked:
    depth: int

    def __post_init__(self) -> None:
        if self.depth < 0:
            raise ValueError("depth must not be negative")


class Point(NamedTuple):
    x: int
    y: int = 0


class Options(TypedDict):
    depth: int
    lr: NotRequired[float]


Seed = NewType("Seed", int)
DATE, TIME = datetime.date(2024, 2, 29), datetime.time(23, 5)
MOMENT = datetime.datetime(2024, 2, 29, 23, 5)

ACCEPTED = [
    (str, " as it is ", " as it is "),
    (str, "null", "null"),
    (str, "", ""),
    (bool, "true", True),
    (bool, "No", False),
    (bool, "YES", True),
    (bool, "1", True),
    (bool, "0", False),
    (bool, False, False),
    (int, "6", 6),
    (int, "-1_000", -1000),
    (int, "0xff", 255),
    (int, "010", 10),
    (int, 6, 6),
    (float, "1e-3", 0.001),
    (float, "inf", float("inf")),
    (float, "1_0.5", 10.5),
    (float, 2, 2.0),
    (datetime.date, "2024-02-29", DATE),
    (datetime.date, DATE, DATE),
    (datetime.datetime, "2024-02-29T23:05:00", MOMENT),
    (datetime.datetime, "2024-02-29", datetime.datetime(2024, 2, 29)),
    (datetime.datetime, DATE, datetime.datetime(2024, 2, 29)),
    (datetime.time, "23:05", TIME),
    (Path, "data/a.csv", Path("data/a.csv")),
    (PurePath, "data/a.csv", PurePath("data/a.csv")),
    (Colour, "RED", Colour.RED),
    (Colour, "r", Colour.RED),
    (Colour, "1", Colour.ONE),
    (Colour, 1, Colour.ONE),
    (Level, "20", Level.HIGH),
    (Level, 10, Level.LOW),
    (Literal["a", 1, True, None], "a", "a"),
    (Literal["a", 1, True, None], "1", 1),
    (Literal["a", 1, True, None], "true", True),
    (Literal["a", 1, True, None], "null", None),
    (Literal[1, "1"], 1, 1),
    (str | None, "null", None),
    (None | str, "x", "x"),
    (Optional[int], "null", None),  # noqa: UP045 - the old spelling is a rule of its own
    (int | str, "6", 6),
    (int | str, "x", "x"),
    (str | int, "6", "6"),
    (float | int, 6, 6.0),
    (str | int, 6, 6),
    (Literal["auto"] | int, "auto", "auto"),
    (Literal["auto"] | int, "3", 3),
    (list, '[1, "a", {"b": null}]', [1, "a", {"b": None}]),
    (list[int], "[4, 6]", [4, 6]),
    (list[int], "4, 6", [4, 6]),
    (list[int], "4", [4]),
    (list[int], "", []),
    (list[int], ["4", 6], [4, 6]),
    (list[str], "a, b", ["a", "b"]),
    (list[str], '["a, b"]', ["a, b"]),
    (list[Path], "a,b", [Path("a"), Path("b")]),
    (list[Colour], "RED,1", [Colour.RED, Colour.ONE]),
    (list[int | None], "1,null", [1, None]),
    (list[list[int]], "[[1], [2, 3]]", [[1], [2, 3]]),
    (Sequence[float], "0.1,1", [0.1, 1.0]),
    (set[int], "1,2,1", {1, 2}),
    (frozenset[str], '["a"]', frozenset({"a"})),
    (tuple, "[1, 2]", (1, 2)),
    (tuple[int, str], '[1, "a"]', (1, "a")),
    (tuple[int, ...], "[1, 2, 3]", (1, 2, 3)),
    (dict, '{"b": 1, "a": [2]}', {"a": [2], "b": 1}),
    (dict[str, float], '{"a": 1}', {"a": 1.0}),
    (dict[int, Path], '{"1": "x"}', {1: Path("x")}),
    (Mapping[str, int], {"a": "1"}, {"a": 1}),
    (Model, '{"depth": "6", "rates": [1]}', Model(6, [1.0])),
    (Model, {"depth": 6, "folder": "d"}, Model(6, folder=Path("d"))),
    (Model | None, "null", None),
    (list[Model], '[{"depth": 1}]', [Model(1)]),
    (Point, '{"x": 1}', Point(1)),
    (Options, '{"depth": 1, "lr": 1}', {"depth": 1, "lr": 1.0}),
    (Annotated[int, "any mark"], "6", 6),
    (Annotated[list[Annotated[int, 1]] | None, 2], "6", [6]),
    (Seed, "7", 7),
    (Any, "7", "7"),
    (object, {"b": 1, "a": 2}, {"a": 2, "b": 1}),
]


@pytest.mark.parametrize(("annotation", "given", "expected"), ACCEPTED)
def test_what_fits_is_converted(annotation: object, given: object, expected: object) -> None:
    value = convert("p", given, annotation)
    assert value == expected
    assert type(value) is type(expected)


REFUSED = [
    (bool, "maybe", "true, false, yes, no, 1 or 0"),
    (bool, 2, "true, false"),
    (int, "six", "an int"),
    (int, "6.0", "an int"),
    (int, 6.0, "an int"),
    (int, True, "an int"),
    (float, "a", "a float"),
    (float, True, "a float"),
    (str, 6, "text"),
    (datetime.date, "2024-02-30", "ISO 8601"),
    (datetime.date, MOMENT, "ISO 8601"),
    (datetime.datetime, "yesterday", "ISO 8601"),
    (Path, 6, "a path"),
    (Colour, "BLUE", "one of RED, GREEN, ONE"),
    (Colour, True, "one of"),
    (Literal["a", 1], "b", "one of a, 1"),
    (Literal["a", 1], True, "one of a, 1"),
    (int | None, "x", "an int (6, -1, 1_000, 0xff) or null"),
    (int, "null", "an int"),
    (None, "x", "null"),
    (list, "1,2", "a JSON list"),
    (list[int], "1,x", "an int"),
    (list[int], "[1, 2", "a JSON list"),
    (list[int], '{"a": 1}', "an int"),
    (list[str], "[1]", "text"),
    (tuple[int, int], "[1]", "a JSON list of 2 items"),
    (tuple[int, ...], "1,2", "a JSON list"),
    (dict, "[1]", "a JSON object"),
    (dict, '{"a": 1, "a": 2}', "each key once"),
    (dict[int, int], '{"1": 1, "01": 2}', "each key once"),
    (Model, "{}", "depth must be given"),
    (Model, '{"dept": 1}', "there is no 'dept', but 'depth'"),
    (Model, '{"depth": 1, "seen": 1}', "there is no 'seen'"),
    (Checked, '{"depth": -1}', "depth must not be negative"),
    (complex, "1j", "nothing that can be written as text"),
    (type, "x", "nothing that can be written as text"),
]


@pytest.mark.parametrize(("annotation", "given", "allowed"), REFUSED)
def test_what_does_not_fit_is_refused_with_what_is_allowed(
    annotation: object, given: object, allowed: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        convert("depth", given, annotation)
    assert "'depth'" in caught.value.message
    assert allowed in caught.value.message
    assert caught.value.data["name"] == "depth"
    assert caught.value.exit_status == 2


def test_the_message_names_parameter_value_and_what_is_allowed() -> None:
    with pytest.raises(ParameterError) as caught:
        convert("depth", "six", int)
    assert caught.value.message == (
        "parameter 'depth': 'six' does not fit; allowed is an int (6, -1, 1_000, 0xff)"
    )


def test_the_message_says_where_inside_the_value() -> None:
    with pytest.raises(ParameterError, match=r"'m' at \['a'\]\.rates\[1\]: 'x' does not fit"):
        convert("m", '{"a": {"depth": 1, "rates": [1, "x"]}}', dict[str, Model])


@pytest.mark.parametrize(
    ("annotation", "given"),
    [(Literal[1, "1"], "1"), (Literal[None, "null"], "null"), (Twins, "1"), (Literal[1, "1"] | str, "1")],
)
def test_a_text_that_fits_two_choices_is_ambiguous(annotation: object, given: str) -> None:
    with pytest.raises(ParameterError, match="is ambiguous"):
        convert("p", given, annotation)


def test_an_enum_takes_the_name_before_the_value() -> None:
    assert convert("p", "RED", Colour) is Colour.RED  # and not GREEN, whose value is "RED"


@pytest.mark.parametrize(
    ("default", "given", "expected"),
    [
        (6, "7", 7),
        (0.1, "1", 1.0),
        (True, "no", False),
        ("x", "7", "7"),
        (Path("a"), "b", Path("b")),
        ([1], "[2]", [2]),
        (DATE, "2024-02-29", DATE),
        (Colour.RED, "ONE", Colour.ONE),
        (Model(1), '{"depth": 2}', Model(2)),
        (None, "7", "7"),
        (None, "null", None),
    ],
)
def test_without_annotation_the_type_of_the_default_counts(
    default: object, given: str, expected: object
) -> None:
    value = convert("p", given, default=default)
    assert value == expected
    assert type(value) is type(expected)


def test_without_annotation_and_default_it_is_text() -> None:
    assert convert("p", "7") == "7"


def test_a_default_of_none_allows_null() -> None:
    assert convert("p", "null", int, None) is None


@pytest.mark.parametrize("annotation", [dict, dict[str, int], Mapping[str, int]])
@pytest.mark.parametrize("given", ['{"b": 1, "a": 2}', {"b": 1, "a": 2}])
def test_dicts_are_handed_over_sorted(annotation: object, given: object) -> None:
    assert list(convert("p", given, annotation)) == ["a", "b"]  # type: ignore[call-overload]


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(ParameterError) as caught:
        convert("p", "x" * 1000, int)
    assert len(caught.value.message) < 200


@given(st.integers())
def test_every_int_survives_its_text(number: int) -> None:
    assert convert("p", str(number), int) == number
    assert convert("p", hex(number), int) == number


@given(st.floats(allow_nan=False))
def test_every_float_survives_its_text(number: float) -> None:
    assert convert("p", repr(number), float) == number


@given(
    st.text(),
    st.sampled_from([int, float, bool, DATE.__class__, list[int], dict, Model, Colour, Path | None]),
)
def test_any_text_is_converted_or_refused(text: str, annotation: object) -> None:
    with contextlib.suppress(ParameterError):  # and nothing else
        convert("p", text, annotation)
