"""What cannot be done with a deferred value raises while the graph is built, and says what to write."""

import json
import math
import operator
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest

from mlops_core import Metrics, step
from mlops_core.errors import DeferredMisuse


class Split(NamedTuple):
    train: int


@dataclass
class Parts:
    first: int


@pytest.fixture
def value(in_body):
    def evaluate() -> Metrics: ...

    return in_body(step(evaluate)).returned["r2"]


def chained(v):
    return 0 < v < 1


USES = {
    "if": ("truth", lambda v: 1 if v else 2),
    "if comparison": ("truth", lambda v: 1 if v > 1 else 2),
    "and": ("truth", lambda v: v and True),
    "or": ("truth", lambda v: v or True),
    "not": ("truth", lambda v: not v),
    "bool": ("truth", bool),
    "assert": ("truth", lambda v: operator.truth(v == 1)),
    "in list": ("truth", lambda v: v in [1, 2]),
    "it in list": ("truth", lambda v: 1 in [v]),
    "chained": ("truth", chained),
    "tuples": ("truth", lambda v: (v, 1) == (2, 1)),
    "max": ("truth", lambda v: max(v, 2)),
    "sorted": ("truth", lambda v: sorted([v, 2])),
    "in it": ("contains", lambda v: 1 in v),
    "+": ("arithmetic", lambda v: v + 1),
    "reflected +": ("arithmetic", lambda v: 1 + v),
    "+=": ("arithmetic", lambda v: operator.iadd(v, 1)),
    "sum": ("arithmetic", lambda v: sum([v])),
    "-": ("arithmetic", lambda v: v - 1),
    "*": ("arithmetic", lambda v: 2 * v),
    "/": ("arithmetic", lambda v: v / 2),
    "//": ("arithmetic", lambda v: v // 2),
    "%": ("arithmetic", lambda v: v % 2),
    "text % it": ("text", lambda v: "%s" % v),  # noqa: UP031
    "**": ("arithmetic", lambda v: v**2),
    "@": ("arithmetic", lambda v: v @ v),
    "<<": ("arithmetic", lambda v: v << 1),
    "^": ("arithmetic", lambda v: v ^ 1),
    "-v": ("arithmetic", operator.neg),
    "+v": ("arithmetic", operator.pos),
    "abs": ("arithmetic", abs),
    "divmod": ("arithmetic", lambda v: divmod(v, 2)),
    "array + it": ("arithmetic", lambda v: np.arange(3) + v),
    "numpy number * it": ("arithmetic", lambda v: np.float64(2) * v),
    "list + it": ("arithmetic", lambda v: [1] + v),  # noqa: RUF005
    "call": ("call", lambda v: v(1)),
    "hash": ("hash", hash),
    "set": ("hash", lambda v: {v}),
    "dict key": ("hash", lambda v: {v: 1}),
    "key in tuple": ("hash", lambda v: {(1, v): 1}),
    "lookup": ("hash", lambda v: {"a": 1}[v]),
    "str": ("text", str),
    "f-string": ("text", lambda v: f"{v}"),
    "f-string with format": ("text", lambda v: f"{v:.2f}"),
    "format": ("text", "{}".format),
    "print": ("text", print),
    "int": ("number", int),
    "float": ("number", float),
    "complex": ("number", complex),
    "index": ("number", operator.index),
    "range": ("number", range),
    "list index": ("number", lambda v: [1, 2][v]),
    "round": ("number", round),
    "ceil": ("number", math.ceil),
    "floor": ("number", math.floor),
    "trunc": ("number", math.trunc),
    "sqrt": ("number", math.sqrt),
    "bytes": ("bytes", bytes),
    "np.array": ("array", np.array),
    "np.asarray": ("array", np.asarray),
    "np.array of a list": ("array", lambda v: np.array([v, v])),
    "pa.table": ("array", pa.table),
    "pa.array": ("array", pa.array),
    "open": ("path", open),
    "Path": ("path", Path),
    "for": ("iterate", lambda v: [item for item in v]),  # noqa: C416
    "unpack": ("iterate", lambda v: [*v]),
    "list": ("iterate", list),
    "zip": ("iterate", lambda v: zip(v, [1], strict=True)),
    "enumerate": ("iterate", enumerate),
    "len": ("length", len),
    "reversed": ("length", lambda v: list(reversed(v))),
    "item assignment": ("change", lambda v: operator.setitem(v, 0, 1)),
    "item deletion": ("change", lambda v: operator.delitem(v, 0)),
    "attribute assignment": ("change", lambda v: setattr(v, "x", 1)),
    "attribute deletion": ("change", lambda v: delattr(v, "x")),
    "pickle": ("pickle", pickle.dumps),
    "with": ("enter", lambda v: v.__enter__()),
    "& on a number": ("joined", lambda v: v & True),
    "precedence of &": ("joined", lambda v: v > 0.5 & v),
    "| with a number": ("joined", lambda v: (v > 1) | 3),
    "~ on a number": ("joined", operator.invert),
}

SAYS = {
    "truth": ("decide an `if`, `and`, `or`, `not`, `in` or chained comparison", "`with when(condition):`"),
    "contains": ("be searched with `in`", "returns a bool"),
    "arithmetic": ("be computed with", "Write a step that computes it"),
    "call": ("be called", "Pass it to a step that calls it"),
    "hash": ("be a key of a dict or an item of a set", "as a value of a dict"),
    "text": ("become text", "Write a step that makes the text"),
    "number": ("become a number", "Write a step that computes it"),
    "bytes": ("become bytes", "Write a step that computes it"),
    "array": ("become an array or a table", "Pass it to a step"),
    "path": ("be opened as a path", "open the file there"),
    "iterate": ("be iterated or unpacked", "`other.map(value)`"),
    "length": ("be measured with `len`", "`-> tuple[A, B]` or a NamedTuple"),
    "change": ("be changed", "Write a step that returns the changed value"),
    "pickle": ("be pickled", "Pass it to a step as an argument"),
    "enter": ("be entered with `with`", "inside one step"),
    "joined": ("be joined with `&`, `|` or `~`", "Put each comparison in parentheses"),
}


@pytest.mark.parametrize(("kind", "use"), USES.values(), ids=USES)
def test_misuse_raises_at_once_and_says_what_to_write(kind, use, value):
    with pytest.raises(DeferredMisuse) as caught:
        use(value)
    what, hint = SAYS[kind]
    assert "is not known while the graph is built, so it cannot " + what in caught.value.message
    assert "`evaluate['r2']" in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.exit_status == 2
    assert isinstance(caught.value, TypeError)


def test_the_whole_message_as_it_is_read(value):
    with pytest.raises(DeferredMisuse) as caught:
        bool(value > 1)
    assert str(caught.value) == (
        "`evaluate['r2'] > 1` is not known while the graph is built, so it cannot decide an "
        "`if`, `and`, `or`, `not`, `in` or chained comparison.\n"
        "Write `with when(condition):` around the calls that depend on it. "
        "Join comparisons with `&`, `|`, `~`, each in parentheses: "
        "`(x > 1) & (x < 5)` instead of `1 < x < 5`. Other plain Python belongs in a step."
    )


@pytest.mark.parametrize(
    ("annotation", "says", "hint"),
    [
        (
            int,
            "has no attribute `mean`: its annotation is no NamedTuple and no dataclass",
            "return value.mean",
        ),
        (Split, "has no attribute `mean` by its annotation; there are: train", "Mend the name"),
        (Parts, "has no attribute `mean` by its annotation; there are: first", "write a step that reads it"),
    ],
)
def test_attributes_that_the_annotation_does_not_have(annotation, says, hint, in_body):
    def load(): ...

    load.__annotations__["return"] = annotation
    value = in_body(step(load)).returned
    with pytest.raises(DeferredMisuse) as caught:
        value.mean()
    assert says in caught.value.message
    assert hint in caught.value.hint


def test_an_index_beyond_the_annotated_length(in_body):
    def load() -> tuple[int, int]: ...

    value = in_body(step(load)).returned
    for index in (2, -3):
        with pytest.raises(DeferredMisuse, match=f"has 2 items by its annotation, and no item {index}"):
            value[index]


def test_too_few_names_to_unpack_to(in_body):
    def load() -> tuple[int, int]: ...

    value = in_body(step(load)).returned
    with pytest.raises(ValueError, match="too many values"):
        (_only,) = value


def test_tools_that_look_for_private_names_find_none(value):
    assert not hasattr(value, "_repr_html_")
    assert not hasattr(value, "__wrapped__")


def test_json_does_not_take_it(value):
    with pytest.raises(TypeError):
        json.dumps(value)


def test_it_cannot_be_fingerprinted(value):
    with pytest.raises(DeferredMisuse, match="cannot be fingerprinted"):
        value.__mlops_fingerprint__()
