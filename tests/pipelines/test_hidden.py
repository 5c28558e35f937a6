"""A deferred value lies in lists, tuples and dicts only; anywhere else the call says which argument."""

import collections
import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

from mlops_core import pipeline, step, when
from mlops_core.errors import DeferredMisuse


@dataclass
class Config:
    depth: Any


class Slotted:
    __slots__ = ("depth",)

    def __init__(self, depth: Any) -> None:
        self.depth = depth

    def method(self) -> None: ...


class Pair(NamedTuple):
    first: Any


def closure(value: Any) -> Callable[[], Any]:
    return lambda: value


def default(value: Any) -> Callable[[], Any]:
    def function(x: Any = value) -> Any:
        return x

    return function


def object_array(value: Any) -> Any:
    array = np.empty(2, dtype=object)
    array[:] = [Config(value), 1]
    return array


def generator(value: Any) -> Any:
    def items() -> Any:
        yield value

    made = items()
    next(made)
    return made


HIDDEN: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "dataclass": ("Config", Config),
    "object with slots": ("Slotted", Slotted),
    "bound method": ("method", lambda v: Slotted(v).method),
    "closure": ("function", closure),
    "default": ("function", default),
    "partial": ("partial", lambda v: functools.partial(print, v)),
    "partial keyword": ("partial", lambda v: functools.partial(print, end=v)),
    "NamedTuple": ("Pair", Pair),
    "deque": ("deque", lambda v: collections.deque([v])),
    "OrderedDict": ("OrderedDict", lambda v: collections.OrderedDict(a=v)),
    "defaultdict": ("defaultdict", lambda v: collections.defaultdict(list, a=v)),
    "deep inside": ("Config", lambda v: {"a": [Config({"b": (Config([v]),)})]}),
    "set of an object": ("set", lambda v: {Slotted(v)}),
    "object array": ("ndarray", object_array),
    "generator": ("generator", generator),
    "comparison": ("Config", lambda v: Config(v > 1)),
    "map object": ("map", lambda v: map(str, [v])),
}


@step
def load() -> int:
    return 3


@step
def fit(table: Any, config: Any = None) -> Any:
    return config


@pytest.mark.parametrize(("kind", "hide"), HIDDEN.values(), ids=HIDDEN)
def test_it_is_found_and_the_argument_is_named(kind, hide, in_body):
    with pytest.raises(DeferredMisuse) as caught:
        in_body(lambda: fit(1, config=hide(load())))
    assert caught.value.message.startswith("The argument `config` of `fit` has the deferred value `load")
    assert f"hidden in an object of type `{kind}`" in caught.value.message
    assert caught.value.hint == (
        "Pass it on by itself or in a list, tuple or dict, and make the object inside the step."
    )


@pytest.mark.parametrize(
    ("where", "use"),
    [
        ("What `load` is compared with", lambda v: v == Config(v)),
        ("The key of `load`", lambda v: v[Config(v)]),
        ("The condition of `when`", lambda v: when(Config(v))),
        ("The argument `old` of `one_of`", lambda v: when(v > 1).one_of(v, Config(v))),
        ("The argument `table` of `fit`", lambda v: fit.map([Config(v)])),
    ],
)
def test_everywhere_that_takes_values(where, use, in_body):
    with pytest.raises(DeferredMisuse) as caught:
        in_body(lambda: use(load()))
    assert caught.value.message.startswith(where)


def test_objects_without_one_are_arguments(in_body):
    plain = [
        Config(1),
        closure(2),
        {1, 2},
        np.arange(3),
        load,
        collections.deque([1]),
        Pair(1),
        object_array(1),
    ]
    for value in plain:
        done = in_body(lambda value=value: fit(value))
        assert done.graph.nodes[0].arguments["table"] is value


def test_steps_and_pipelines_are_arguments(in_body):
    @pipeline
    def other(): ...

    assert [node.name for node in in_body(lambda: fit(load, other)).graph.nodes] == ["fit"]


def test_a_cycle_of_objects_ends(in_body):
    one = Config(None)
    one.depth = [one]
    assert len(in_body(lambda: fit(one)).graph.nodes) == 1
