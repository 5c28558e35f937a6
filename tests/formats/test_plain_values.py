"""JSON and bytes give back exactly what was put in, or leave the value to another format."""

import enum
import math
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mlops_core

SETTINGS = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80
)

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
plain = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


def same(one: Any, other: Any) -> bool:
    """Equal in type and value, NaN equal to NaN, -0.0 not to 0.0, dicts in order."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        if math.isnan(one):
            return math.isnan(other)
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    return bool(one == other)


@SETTINGS
@given(value=plain)
def test_plain_values_are_json(shelf: Any, value: Any) -> None:
    assert same(shelf.there_and_back(value, "json/1"), value)


@SETTINGS
@given(value=st.binary(max_size=100) | st.sampled_from([b"x" * 5000, bytes(range(256)) * 9000]))
def test_bytes(shelf: Any, value: bytes) -> None:
    assert same(shelf.there_and_back(value, "bytes/1"), value)
    assert same(shelf.there_and_back(bytearray(value), "bytes/1"), bytearray(value))


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), -float("inf"), -0.0, 5e-324, 2**1999, ["é", "\0"]]
)
def test_exact_corners_of_json(shelf: Any, value: Any) -> None:
    assert same(shelf.there_and_back(value, "json/1"), value)


def test_long_texts_become_cells(shelf: Any) -> None:
    value = ["word " * 300_000]
    artifact = shelf.put(value)
    assert len(artifact.manifest["cells"]) == 2
    assert shelf.take(artifact) == value


class Color(enum.IntEnum):
    RED = 1


class Counted(dict):  # type: ignore[type-arg]
    """Looks like a dict, is none."""


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "value",
    [
        (1, 2),
        {1: "int key"},
        Color.RED,
        Counted(a=1),
        OrderedDict(a=1),
        Text("x"),
        [Text("x")],
        {Text("x"): 1},
        {"a", "b"},
        frozenset("ab"),
        1 + 2j,
        range(3),
        10**5000,
        "\ud800",
        "\ud800\udc00",
        {"\udc80": 1},
        ...,
        slice(1, 2),
        memoryview,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_would_change_is_pickled(shelf: Any, value: Any) -> None:
    loaded = shelf.there_and_back(value, "pickle/1")
    assert same(loaded, value)


def test_sharing_and_cycles_are_kept_by_pickle(shelf: Any) -> None:
    shared: list[Any] = [1]
    first, second = shelf.there_and_back([shared, shared], "pickle/1")
    assert first is second
    shared.append(shared)
    loaded = shelf.take(shelf.put(shared))
    assert loaded[1] is loaded


def test_a_deep_value_is_not_json(shelf: Any) -> None:
    value: list[Any] = []
    for _ in range(150):
        value = [value]
    assert same(shelf.there_and_back(value, "pickle/1"), value)


def test_a_wide_diamond_ends(shelf: Any) -> None:
    value: list[Any] = []
    for _ in range(60):
        value = [value, value]
    assert shelf.put(value).format == "pickle/1"


def test_every_load_is_fresh(shelf: Any) -> None:
    for value in ([1, [2]], {"a": [1]}, bytearray(b"abc"), {1: [2]}):
        artifact = shelf.put(value)
        one, other = shelf.take(artifact), shelf.take(artifact)
        assert one == other
        assert one is not other


LIGHT = """
import sys
import mlops_core
from mlops_core.formats import from_json, load
artifact = from_json(bytes.fromhex(sys.argv[1]), sys.argv[2])
assert load(artifact, None) == {"r2": 0.5}
names = "numpy pyarrow pandas polars sqlite3 pickle pathlib dataclasses"
heavy = set(names.split()) & set(sys.modules)
print(sorted(heavy))
"""


def test_loading_a_plain_value_imports_nothing_heavy(shelf: Any) -> None:
    from mlops_core.formats import to_json

    artifact = shelf.put({"r2": 0.5})
    done = subprocess.run(
        [sys.executable, "-S", "-c", LIGHT, artifact.digest.hex(), to_json(artifact)],
        env={"PYTHONPATH": str(Path(mlops_core.__file__).parents[1])},  # the tree, or where it is installed
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
