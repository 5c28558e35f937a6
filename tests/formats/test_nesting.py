"""Containers nested deeper than Python's own serializers can follow."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_core.errors import UnstorableValue
from mlops_core.fingerprints.values import value_digest
from mlops_core.formats.nesting import flatten, rebuild

DEPTH = 100_000
LEAVES = (
    st.none() | st.integers() | st.text(max_size=3) | st.just(b"x") | st.frozensets(st.integers(), max_size=2)
)
NESTED = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=2) | st.tuples(st.integers()), inner, max_size=3)
    ),
    max_leaves=20,
)


def deep(wrap: Any, core: Any) -> Any:
    for _ in range(DEPTH):
        core = wrap(core)
    return core


def depth(value: Any) -> int:
    count = 0
    while type(value) in (list, tuple, dict) and len(value) > 0:
        value, count = next(iter(value.values() if type(value) is dict else value)), count + 1
    return count


@pytest.mark.parametrize("wrap", [lambda x: [x], lambda x: (x,), lambda x: {"k": x}, lambda x: [(x, 1)]])
def test_a_deep_value_has_a_fingerprint_and_comes_back(shelf: Any, wrap: Any) -> None:
    value = deep(wrap, "core")
    artifact = shelf.put(value)
    assert artifact.format == "pickle/1"
    assert artifact.digest == value_digest(value)
    loaded = shelf.take(artifact)
    assert depth(loaded) == depth(value) >= DEPTH
    assert value_digest(loaded) == artifact.digest


def test_arrays_deep_inside_keep_their_cells_and_are_one(shelf: Any) -> None:
    array = np.arange(10_000)
    loaded = shelf.take(shelf.put(deep(lambda x: [x], (array, array, {3}))))
    while type(loaded) is list:
        loaded = loaded[0]
    assert loaded[0] is loaded[1]
    assert loaded[0].tolist() == array.tolist()
    assert loaded[2] == {3}


def test_a_part_that_cannot_be_stored_is_an_error(shelf: Any) -> None:
    with pytest.raises(UnstorableValue):
        shelf.put(deep(lambda x: [x], (i for i in range(3)).__next__))


@given(NESTED.filter(lambda value: type(value) in (list, tuple, dict)))
def test_flat_and_back(value: Any) -> None:
    back = rebuild(flatten(value))
    assert value_digest(back) == value_digest(value)
    assert back == value


def test_what_is_shared_stays_shared() -> None:
    shared: list[object] = [1]
    back = rebuild(flatten({"a": shared, "b": (shared, (shared,))}))
    back["a"].append(2)
    assert back == {"a": [1, 2], "b": ([1, 2], ([1, 2],))}


def test_cycles_through_tuples_come_back() -> None:
    middle: list[Any] = []
    outer = (middle,)
    inner = (outer, (outer, 5))
    middle.append(inner)
    for start in (outer, middle, inner):
        back = rebuild(flatten(start))
        assert value_digest(back) == value_digest(start)
    back = rebuild(flatten(outer))
    assert back[0][0][0] is back
    assert back[0][0][1][0] is back


def test_other_types_have_no_nodes() -> None:
    with pytest.raises(TypeError, match="a set has no nodes"):
        flatten({1})
