"""Containers of large things keep each part as an artifact of its own, and come back as they were."""

import collections
import dataclasses
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pytest

from mlops_core.fingerprints.values import value_fingerprint


class Split(NamedTuple):
    train: Any
    test: Any


OldSplit = collections.namedtuple("OldSplit", "train test")


@dataclasses.dataclass
class Fold:
    data: Any
    number: int = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    data: Any


@dataclasses.dataclass
class Derived(Fold):
    more: float = 0.5


class Estimator:
    """Has a predict, so it is a model."""

    def __init__(self, weights: Any) -> None:
        self.weights = weights

    def predict(self, rows: Any) -> Any:
        return rows


ARRAY = np.arange(2000.0)


def equal(one: Any, other: Any) -> bool:  # noqa: PLR0911 - one line per type
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and equal(list(one.values()), list(other.values()))
    if dataclasses.is_dataclass(one):
        return all(equal(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one))
    if isinstance(one, Estimator):
        return equal(one.weights, other.weights)
    return bool(one == other)


@pytest.mark.parametrize(
    ("value", "format", "names"),
    [
        ((ARRAY, 1), "tuple/1", ["0", "1"]),
        ([ARRAY, ARRAY, "x"], "list/1", ["0", "1", "2"]),
        ({"b": ARRAY, "a": {"deep": (ARRAY,)}}, "dict/1", ["b", "a"]),
        (Split(ARRAY, None), "namedtuple/1", ["train", "test"]),
        (OldSplit([1], ARRAY), "namedtuple/1", ["train", "test"]),
        (Fold(ARRAY), "dataclass/1", ["data", "number"]),
        (Derived(ARRAY, 2), "dataclass/1", ["data", "number", "more"]),
        ((Estimator([1.0]), 0.97), "tuple/1", ["0", "1"]),
        ((b"x" * 5000, 1), "tuple/1", ["0", "1"]),
        ({"table": pa.table({"a": [1]}), "n": 1}, "dict/1", ["table", "n"]),
        (([[[ARRAY]]],), "tuple/1", ["0"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_heavy_parts_make_a_composite(shelf: Any, value: Any, format: str, names: list[str]) -> None:
    artifact = shelf.put(value)
    assert list(artifact.children) == names
    loaded = shelf.there_and_back(value, format)
    assert equal(loaded, value)


@pytest.mark.parametrize(
    "value",
    [
        (1, 2),
        Split(1, "x"),
        Fold([1], 2),
        {1: ARRAY},
        {"\ud800": ARRAY},
        Frozen(ARRAY),
        collections.OrderedDict(a=ARRAY),
        collections.defaultdict(list, a=ARRAY),
        [np.float64(n) for n in range(3)],
        [ARRAY[:2]] * 1001,
    ],
    ids=lambda value: type(value).__name__,
)
def test_light_or_special_containers_stay_whole(shelf: Any, value: Any) -> None:
    artifact = shelf.put(value)
    assert artifact.format == "pickle/1"
    assert equal(shelf.take(artifact), value)


def test_a_dataclass_with_more_than_its_fields_stays_whole(shelf: Any) -> None:
    value = Fold(ARRAY)
    value.extra = 1  # type: ignore[attr-defined]
    artifact = shelf.put(value)
    assert artifact.format == "pickle/1"
    assert shelf.take(artifact).extra == 1


def test_children_have_the_digests_of_their_values(shelf: Any) -> None:
    value = (ARRAY, {"a": ARRAY, "b": 1}, "x")
    artifact = shelf.put(value)
    for child, part in zip(artifact.children.values(), value, strict=True):
        assert child.digest == value_fingerprint(part).digest
    assert equal(shelf.take(artifact.children["1"]), value[1])


def test_arrays_inside_are_read_only_and_the_rest_fresh(shelf: Any) -> None:
    artifact = shelf.put({"a": ARRAY, "l": [1]})
    one, other = shelf.take(artifact), shelf.take(artifact)
    assert not one["a"].flags.writeable
    one["l"].append(2)
    assert other["l"] == [1]
    assert shelf.take(artifact, writable=True)["a"].flags.writeable


def test_a_container_inside_itself(shelf: Any) -> None:
    value: list[Any] = [ARRAY]
    value.append(value)
    artifact = shelf.put(value)
    loaded = shelf.take(artifact)
    assert np.array_equal(loaded[0], ARRAY)
    assert len(loaded) == 2


def test_classes_of_parts_are_listed(shelf: Any) -> None:
    artifact = shelf.put({"fold": Fold(ARRAY), "x": ARRAY})
    assert artifact.classes == value_fingerprint({"fold": Fold(ARRAY)}).classes


def test_an_array_that_cannot_be_a_part_is_named(shelf: Any) -> None:
    from mlops_core.errors import UnstorableValue

    with pytest.raises(UnstorableValue) as caught:
        shelf.put({"ok": ARRAY, "model": Fold([lambda: 1])})
    assert caught.value.path == "value['model'].data[0]"


def test_a_generator_is_a_list(shelf: Any) -> None:
    assert shelf.take(shelf.put(n for n in range(3))) == [0, 1, 2]
    assert shelf.take(shelf.put(n for n in ())) == []
    artifact = shelf.put(ARRAY for _ in range(2))
    assert artifact.format == "list/1"
    assert equal(shelf.take(artifact), [ARRAY, ARRAY])


def test_a_generator_that_fails_says_so(shelf: Any) -> None:
    def bad() -> Any:
        yield 1
        raise KeyError("from the step")

    with pytest.raises(KeyError, match="from the step"):
        shelf.put(bad())
