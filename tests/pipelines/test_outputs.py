"""Outputs are named by what the body itself returns; the returned object comes back with values in it."""

import collections
import functools
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest

from mlops_core import pipeline, step
from mlops_core.errors import DeferredMisuse, UsageError


@step
def score(x: Any = 1) -> Any:
    return x


@step
def pair() -> tuple[int, int]:
    return (1, 2)


class Fit(NamedTuple):
    model: Any
    score: Any = 0


@dataclass(frozen=True)
class Result:
    model: Any
    scores: Any = field(default=3, init=False)


@dataclass
class Loose:
    model: Any


class Holder:
    def __init__(self, value: Any) -> None:
        self.value = value


def loose_with(value: Any) -> Loose:
    made = Loose(1)
    made.extra = value  # type: ignore[attr-defined]
    return made


def ordered(**items: Any) -> Any:
    return collections.OrderedDict(items)


NAMED: dict[str, tuple[Any, tuple[str, ...], Any]] = {
    "nothing": (lambda: None, (), None),
    "deferred": (lambda: score(5), ("output",), 5),
    "deferred tuple": (pair, ("output",), (1, 2)),
    "dict": (lambda: {"a": score(1), "b": 2}, ("a", "b"), {"a": 1, "b": 2}),
    "empty dict": (dict, (), {}),
    "dict of numbers": (lambda: {1: score(1), 2.5: 2}, ("1", "2.5"), {1: 1, 2.5: 2}),
    "OrderedDict": (lambda: ordered(a=score(1)), ("a",), ordered(a=1)),
    "NamedTuple": (lambda: Fit(score(1)), ("model", "score"), Fit(1, 0)),
    "dataclass": (lambda: Result(score(1)), ("model", "scores"), Result(1)),
    "tuple": (lambda: (score(1), "x"), ("0", "1"), (1, "x")),
    "list": (lambda: [score(1), "x"], ("0", "1"), [1, "x"]),
    "plain": (lambda: 7, ("output",), 7),
    "text": (lambda: "ab", ("output",), "ab"),
    "set": (lambda: {1, 2}, ("output",), {1, 2}),
    "class": (lambda: Result, ("output",), Result),
    "nested": (
        lambda: {"a": [score(1), {"b": (score(2),)}]},
        ("a",),
        {"a": [1, {"b": (2,)}]},
    ),
    "unpacked": (lambda: tuple(pair()), ("0", "1"), (1, 2)),
}


@pytest.mark.parametrize(("body", "names", "value"), NAMED.values(), ids=NAMED)
def test_names_and_value(body, names, value, carry_out):
    @pipeline
    def returned():
        return body()

    done = carry_out(returned)
    assert done.graph.outputs.names == names
    assert tuple(done.graph.outputs.leaves) == names
    assert done.returned() == value
    assert type(done.returned()) is type(value)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            lambda: {"a": Holder(score())},
            "The output `a` of `returned` has the deferred value `score` hidden",
        ),
        (lambda: Holder(score()), "The output `output` of `returned` has the deferred value"),
        (lambda: [1, Loose(score())], "The output `1` of `returned`"),
        (lambda: Loose(Holder(score())), "The output `model` of `returned`"),
        (lambda: loose_with(score()), "The attribute `extra` of what `returned` returns is deferred"),
        (
            lambda: loose_with(Holder(score())),
            "The attribute `extra` of what `returned` returns has the deferred",
        ),
        (lambda: [Fit(score())], "The output `0` of `returned`"),
        (lambda: functools.partial(print, score()), "The output `output`"),
    ],
)
def test_a_deferred_value_hidden_anywhere_else_is_an_error(body, says, graph_of):
    @pipeline
    def returned():
        return body()

    with pytest.raises(DeferredMisuse) as caught:
        graph_of(returned)
    assert caught.value.message.startswith(says)


def test_two_keys_of_one_text(graph_of):
    @pipeline
    def returned():
        return {1: score(), "1": 2}

    with pytest.raises(UsageError, match="`returned` returns a dict with two keys that are called `1`"):
        graph_of(returned)


def test_a_rebuilt_dataclass_leaves_the_first_alone(graph_of):
    kept = []

    @pipeline
    def returned():
        kept.append(Loose(score()))
        return kept[0]

    rebuilt = graph_of(returned).outputs.rebuild({"model": 9})
    assert (rebuilt, rebuilt is kept[0]) == (Loose(9), False)
