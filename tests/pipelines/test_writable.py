"""``writable`` asks for private arrays, in a body and outside."""

import gc

import numpy as np
import pytest

from mlops_core import pipeline, step, writable
from mlops_core.config import mode
from mlops_core.pipelines.operations import Writable, operation_of
from mlops_core.pipelines.writable import is_asked_writable


@step
def load():
    array = np.arange(3)
    array.flags.writeable = False
    return array


@step
def fill(x):
    x[0] = 7
    return x


def test_in_a_body_the_consumer_gets_a_private_copy(carry_out):
    @pipeline
    def body():
        loaded = load()
        return fill(writable(loaded)), loaded

    filled, loaded = carry_out(body).returned()
    assert (filled[0], loaded[0]) == (7, 0)


def test_in_a_body_it_marks_the_deferred_value(in_body):
    (_, node) = in_body(lambda: fill([writable(load())])).graph.nodes
    operation = operation_of(node.arguments["x"][0])
    assert isinstance(operation, Writable)
    assert operation.text() == "load"


def test_a_plain_array_in_a_body_is_asked_for_too(carry_out):
    given = load.__wrapped__()

    @pipeline
    def body():
        return fill(writable(writable(given)))

    assert carry_out(body).returned()[0] == 7
    assert given[0] == 0


@pytest.mark.parametrize("where", [mode.PLAIN, mode.RUNNING, mode.OFF])
def test_elsewhere_arrays_are_copied(where):
    given = load.__wrapped__()
    with mode.entered(where):
        made = writable({"a": [given], "b": "text"})
    made["a"][0][0] = 9
    assert (given[0], made["b"]) == (0, "text")


def test_the_runner_sees_what_was_asked_for():
    made = writable(np.arange(3))
    assert is_asked_writable(made)
    assert not is_asked_writable(np.arange(3))
    assert not is_asked_writable("text")
    del made
    gc.collect()
    assert not any(is_asked_writable(np.arange(n)) for n in range(50))


def test_the_layout_is_kept():
    made = writable(np.asfortranarray(np.ones((2, 3))))
    assert made.flags.f_contiguous
