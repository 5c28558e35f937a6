"""What can be done with a deferred value while the graph is built."""

import copy
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, NewType

import numpy as np
import pytest

from mlops_core import Metrics, pipeline, step
from mlops_core.errors import DeferredMisuse
from mlops_core.pipelines.deferred import Deferred


class Split(NamedTuple):
    train: list[int]
    test: "Later"

    @property
    def both(self) -> int:
        return len(self.train)


@dataclass
class Base:
    first: "Split"


@dataclass
class Parts(Base):
    second: dict[str, float] = None  # type: ignore[assignment]
    hidden = 3

    @property
    def total(self) -> int:
        return 1


@dataclass
class Later:
    value: int


Named = NewType("Named", Split)


@pytest.fixture
def deferred(in_body):
    """A deferred value whose step has the given return annotation."""

    def make(annotation: Any) -> Deferred:
        def value(): ...

        if annotation is not ...:
            value.__annotations__["return"] = annotation
        return in_body(step(value)).returned

    return make


def test_its_repr_says_what_it_is(deferred):
    assert repr(deferred(Metrics)["r2"] >= 0.8) == "<deferred value['r2'] >= 0.8>"


@pytest.mark.parametrize("annotation", [..., int, Metrics, list[int], dict[str, int], "Unknown"])
def test_it_is_indexed_whatever_the_annotation(deferred, annotation):
    assert repr(deferred(annotation)["r2"]) == "<deferred value['r2']>"
    assert repr(deferred(annotation)[1:3]) == "<deferred value[slice(1, 3, None)]>"
    assert repr(deferred(annotation)[("a", 1)]) == "<deferred value[('a', 1)]>"


def test_it_is_indexed_by_a_deferred_value(carry_out):
    models, best = step(lambda: ["a", "b"]), step(lambda: 1)

    @pipeline
    def body():
        return models.with_options(name="models")()[best.with_options(name="best")()]

    assert carry_out(body).returned() == "b"


@pytest.mark.parametrize(
    ("annotation", "length"),
    [
        (tuple[int, str], 2),
        (tuple[()], 0),
        ("tuple[int, str, Split]", 3),
        (Annotated[tuple[int, int], "note"], 2),
        (Split, 2),
        ("Split", 2),
        (Named, 2),
        (Annotated[Split, 1], 2),
    ],
)
def test_it_is_unpacked_where_the_annotation_gives_the_length(deferred, annotation, length):
    value = deferred(annotation)
    assert len(value) == length
    assert [repr(item) for item in value] == [f"<deferred value[{i}]>" for i in range(length)]
    assert len([*value]) == length


@pytest.mark.parametrize(
    "annotation",
    [
        ...,
        tuple,
        tuple[int, ...],
        tuple[int, *tuple[str, ...]],
        list[int],
        dict[str, int],
        Any,
        "tuple[Gone]",
    ],
)
def test_elsewhere_it_is_not(deferred, annotation):
    value = deferred(annotation)
    with pytest.raises(DeferredMisuse, match="cannot be iterated or unpacked"):
        iter(value)
    with pytest.raises(DeferredMisuse, match="cannot be measured with `len`"):
        len(value)


@pytest.mark.parametrize(
    ("annotation", "read", "text"),
    [
        (Split, lambda v: v.train, "value.train"),
        (Split, lambda v: v.test.value, "value.test.value"),
        (Split, lambda v: v[1].value, "value[1].value"),
        (Split, lambda v: v[-1].value, "value[-1].value"),
        (Split, lambda v: v.both, "value.both"),
        ("Parts", lambda v: v.first.test.value, "value.first.test.value"),
        (Parts, lambda v: v.second["x"], "value.second['x']"),
        (Parts, lambda v: v.total, "value.total"),
        (Annotated[Parts, 0], lambda v: v.first, "value.first"),
        (list[Split], lambda v: v[0].test, "value[0].test"),
        (list[Split], lambda v: v[1:][0].test, "value[slice(1, None, None)][0].test"),
        (dict[str, Parts], lambda v: v["a"].first, "value['a'].first"),
        (tuple[Split, ...], lambda v: v[7].train, "value[7].train"),
        (tuple[int, Split], lambda v: v[1].train, "value[1].train"),
    ],
)
def test_it_is_read_by_attribute_where_the_annotation_has_fields(deferred, annotation, read, text):
    assert repr(read(deferred(annotation))) == f"<deferred {text}>"


def test_items_of_a_map_are_read_like_those_of_a_list(in_body):
    def split(x) -> Split: ...

    done = in_body(lambda: step(split).map([1, 2])[0].test.value)
    assert repr(done.returned) == "<deferred split[0].test.value>"


@pytest.mark.parametrize(
    ("compare", "text"),
    [
        (lambda v: v == 1, "value == 1"),
        (lambda v: v != "a", "value != 'a'"),
        (lambda v: v < 1, "value < 1"),
        (lambda v: v <= 1, "value <= 1"),
        (lambda v: v > 1, "value > 1"),
        (lambda v: v >= 1, "value >= 1"),
        (lambda v: 1 < v, "value > 1"),  # noqa: SIM300 - the reflected method is the point
        (lambda v: np.float64(0.5) < v, "value > np.float64(0.5)"),
        (lambda v: v == v, "value == value"),  # noqa: PLR0124
        (lambda v: v == [v, 1], "value == [<deferred value>, 1]"),
        (lambda v: (v > 1) & (v < 5), "(value > 1) & (value < 5)"),
        (lambda v: (v > 1) | True, "(value > 1) | (True)"),
        (lambda v: False | (v > 1), "(False) | (value > 1)"),
        (lambda v: True & (v > 1), "(True) & (value > 1)"),
        (lambda v: ~(v > 1), "~(value > 1)"),
        (lambda v: ~v, "~(value)"),
        (lambda v: v & ~(v == 2), "(value) & (~(value == 2))"),
    ],
)
def test_it_is_compared_and_comparisons_are_joined(deferred, compare, text):
    assert repr(compare(deferred(...))) == f"<deferred {text}>"


def test_a_deferred_bool_is_joined(deferred):
    assert repr(deferred(bool) & deferred(bool)) == "<deferred (value) & (value)>"
    assert repr(~deferred(dict[str, bool])["ok"]) == "<deferred ~(value['ok'])>"


def test_a_comparison_is_an_argument_like_any_other(carry_out):
    score, tell = step(name="score")(lambda: 0.9), step(name="tell")(lambda x: f"good: {x}")

    @pipeline
    def body():
        return tell(score() >= 0.8)

    assert carry_out(body).returned() == "good: True"


def test_it_is_passed_in_lists_tuples_and_dicts_at_any_depth(carry_out):
    one, echo = step(name="one")(lambda: 1), step(name="echo")(lambda x: x)

    @pipeline
    def body():
        deep = nest = []
        for _ in range(5000):
            nest.append([])
            nest = nest[0]
        nest.append(one())
        return echo({"a": [one(), (one(), {"b": one()})], "c": 2}), echo(deep)

    shallow, deep = carry_out(body).returned()
    assert shallow == {"a": [1, (1, {"b": 1})], "c": 2}
    while isinstance(deep, list):
        deep = deep[0]
    assert deep == 1


def test_an_argument_is_what_it_was_when_the_call_was_written(carry_out):
    echo = step(name="echo")(lambda x: x)

    @pipeline
    def body():
        growing = [1]
        first = echo(growing)
        growing.append(2)
        return first, echo(growing)

    assert carry_out(body).returned() == ([1], [1, 2])


def test_a_list_that_contains_itself_is_an_argument(in_body):
    def body():
        loop = [1]
        loop.append((loop, 2))
        return step(lambda x: x)(loop)

    (node,) = in_body(body).graph.nodes
    taken = node.arguments["x"]
    assert taken[1][0] is taken


def test_copying_it_gives_it_back(deferred):
    value = deferred(int)
    assert copy.copy(value) is value
    assert copy.deepcopy([value])[0] is value


def test_isinstance_cannot_be_noticed(deferred):
    assert not isinstance(deferred(int), int)
