"""Value digests against the slow reference, over values that Hypothesis makes up."""

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_core.engine._values import value_digest

Reference = Callable[[Any, Callable[[Any], Any]], bytes]


class Thing:
    """An object that the engine does not know: resolved to a tag and children, or to a digest."""

    def __init__(self, tag: str, children: list[object]) -> None:
        self.tag = tag
        self.children = children


def resolve(value: object) -> bytes | tuple[str, tuple[object, ...]]:
    assert isinstance(value, Thing)
    return b"0123456789abcdef" if value.tag == "digest" else (value.tag, tuple(value.children))


TEXT = st.text(st.characters(), max_size=300)
HASHABLE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**80), 2**80)
    | st.floats()
    | st.complex_numbers()
    | TEXT
    | st.text(st.characters(categories=["Cs"]), max_size=3)
    | st.binary(max_size=300)
    | st.just(...)
    | st.builds(range, st.integers(), st.integers(), st.integers(1)),
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.frozensets(inner, max_size=4),
    max_leaves=10,
)
VALUES = st.recursive(
    HASHABLE
    | st.binary(max_size=300).map(bytearray)
    | st.builds(slice, HASHABLE, HASHABLE, HASHABLE)
    | st.sampled_from(
        [np.float64(1.5), np.int8(3), np.bool_(True), np.arange(6).reshape(2, 3), np.array("text")]
    ),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(HASHABLE, inner, max_size=4)
        | st.sets(HASHABLE, max_size=4)
        | st.builds(Thing, st.sampled_from(["thing", "digest", ""]), st.lists(inner, max_size=3))
    ),
    max_leaves=25,
)


@settings(max_examples=300)
@given(VALUES)
def test_trees(reference: Reference, value: object) -> None:
    assert value_digest(value, resolve) == reference(value, resolve)


@st.composite
def graphs(draw: st.DrawFn) -> object:
    """Containers whose items are leaves and each other, so that they may contain themselves."""
    kinds: list[Callable[[], Any]] = [list, dict, lambda: Thing("thing", []), lambda: [[], ()]]
    nodes = [draw(st.sampled_from(kinds))() for _ in range(5)]
    count = draw(st.integers(1, 5))
    for _ in range(draw(st.integers(0, 14))):
        node = nodes[draw(st.integers(0, count - 1))]
        other = nodes[draw(st.integers(0, count - 1))]
        item = draw(st.sampled_from([other, other, (other,), [other], 1, "a", slice(other), (other, other)]))
        if isinstance(node, dict):
            node[draw(st.sampled_from(["a", "b", 3]))] = item
        else:
            (node.children if isinstance(node, Thing) else node).append(item)
    return nodes[0]


@settings(max_examples=500)
@given(graphs())
def test_graphs(reference: Reference, value: object) -> None:
    assert value_digest(value, resolve) == reference(value, resolve)


@settings(max_examples=200)
@given(VALUES, st.data())
def test_known_digests_change_nothing(value: object, data: st.DataObject) -> None:
    outer = [value, (value, 1)]
    known = {id(value): value_digest(value, resolve)} if data.draw(st.booleans()) else None
    assert value_digest(outer, resolve, known) == value_digest(outer, resolve)
