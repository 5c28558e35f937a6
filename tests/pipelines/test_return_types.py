"""What a step's annotations say: nothing to return, metrics, parameters; resolved when asked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import pytest

from mlops_core import ContentOnly, Metrics, Output, step
from mlops_core.pipelines.hints import UNKNOWN, annotation_of
from mlops_core.pipelines.return_types import (
    is_annotated,
    return_annotation,
    returns_metrics,
    returns_none,
)

if TYPE_CHECKING:
    from decimal import Decimal


def none() -> None: ...
def none_text() -> "None": ...
def metrics() -> Metrics: ...
def metrics_text() -> "Metrics": ...
def number() -> int: ...
def bare(): ...
def checker_only(a: "Decimal", b: "int") -> "Decimal": ...
def broken(a: "1 +") -> "x y": ...  # type: ignore  # noqa: F722
def paths(a: Annotated[Path, ContentOnly], b: "Annotated[Path, Output]", c: str = "", d=1): ...


@pytest.mark.parametrize(
    ("function", "is_none", "is_metrics", "annotated"),
    [
        (none, True, False, True),
        (none_text, True, False, True),
        (metrics, False, True, True),
        (metrics_text, False, True, True),
        (number, False, False, True),
        (bare, False, False, False),
        (checker_only, False, False, True),
    ],
)
def test_return_annotations(function, is_none, is_metrics, annotated):
    made = step(function)
    assert (returns_none(made), returns_metrics(made), is_annotated(made)) == (is_none, is_metrics, annotated)


def test_a_name_that_only_the_type_checker_knows_makes_no_other_unknown():
    assert return_annotation(step(checker_only)) is UNKNOWN
    assert [annotation_of(checker_only, name) for name in ("a", "b")] == [UNKNOWN, int]


def test_an_annotation_that_does_not_parse_says_nothing():
    assert return_annotation(step(broken)) is UNKNOWN
    assert repr(UNKNOWN) == "UNKNOWN"


def test_parameter_annotations_keep_their_marks():
    found = {name: annotation_of(paths, name) for name in ("a", "b", "c")}
    assert UNKNOWN not in found.values()
    assert annotation_of(paths, "d") is UNKNOWN
    assert found["a"].__metadata__ == (ContentOnly,)
    assert found["b"].__metadata__ == (Output,)


def test_names_of_a_closure_are_known():
    class Inner: ...

    def returns() -> "Inner":
        return Inner()

    assert return_annotation(step(returns)) is Inner


def test_metrics_are_a_dict_of_numbers():
    assert Metrics.__origin__ == dict[str, float]
