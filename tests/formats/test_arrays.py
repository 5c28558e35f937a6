"""Arrays come back equal to the last bit, as read-only maps, whatever their type and layout were."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlops_core.engine.dtypes import padding

SETTINGS = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150
)

dtypes = st.one_of(
    hnp.scalar_dtypes(),
    hnp.nested_dtypes(max_leaves=4, max_itemsize=64).filter(lambda dtype: dtype.subdtype is None),
)
shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5)


def same_bits(one: np.ndarray, other: np.ndarray) -> bool:
    """The same value; bytes that hold none (padding, the spare ones of a long double) do not count."""
    if (type(one), one.dtype, one.shape) != (type(other), other.dtype, other.shape):
        return False
    if padding(one.dtype):
        return repr(one.tolist()) == repr(other.tolist())
    return one.tobytes() == other.tobytes()


@SETTINGS
@given(data=st.data(), dtype=dtypes, shape=shapes)
def test_any_array(shelf: Any, data: st.DataObject, dtype: np.dtype, shape: tuple[int, ...]) -> None:
    count = int(np.prod(shape)) * dtype.itemsize
    raw = data.draw(st.binary(min_size=count, max_size=count))
    array = np.ndarray(shape, dtype, bytearray(raw) or None)
    artifact = shelf.put(array)
    if dtype.itemsize:
        assert artifact.format == "array/1"
    loaded = shelf.take(artifact)
    assert same_bits(loaded, array)
    assert loaded.flags.c_contiguous


@SETTINGS
@given(
    data=st.data(),
    array=hnp.arrays(
        np.int16, hnp.array_shapes(min_dims=1, max_dims=3, max_side=6), elements=st.integers(-9, 9)
    ),
)
def test_any_layout(shelf: Any, data: st.DataObject, array: np.ndarray) -> None:
    view = array[data.draw(hnp.basic_indices(array.shape))]
    view = np.asarray(view).T
    assert same_bits(shelf.there_and_back(view, "array/1"), view)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(300_000, dtype=np.int64),
        np.arange(131_072, dtype=np.int64),
        np.asfortranarray(np.arange(600_000, dtype=np.float32).reshape(600, 1000)),
        np.arange(400_000, dtype=">i4")[::-1],
        np.zeros((0, 5)),
        np.array(5),
        np.array(["2020-01-01", "NaT"], dtype="M8[ns]"),
        np.array([("x", 1.5)], dtype=[("name", "U8"), ("value", "<f8", (1,))]),
        np.zeros(
            2, np.dtype({"names": ["a", "b"], "formats": ["i1", "i4"], "offsets": [0, 8], "itemsize": 16})
        ),
        np.array([b"a\0b", b""]),
        np.array(["", ""]),
        np.zeros(2, np.dtype([("a", "i1"), ("b", "i4")], align=True)),
        np.arange(6, dtype=np.longdouble),
        np.array([np.nan, -0.0, np.inf]),
    ],
    ids=lambda array: f"{array.dtype.str}-{array.shape}",
)
def test_corners(shelf: Any, array: np.ndarray) -> None:
    loaded = shelf.there_and_back(array, "array/1")
    assert same_bits(loaded, array)


def test_handed_out_arrays_cannot_be_changed(shelf: Any) -> None:
    for array in (np.arange(300_000), np.arange(3), np.zeros(0)):
        loaded = shelf.take(shelf.put(array))
        assert not loaded.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            loaded[...] = 7
        with pytest.raises(ValueError, match="WRITEABLE"):
            loaded.setflags(write=True)


def test_writable_arrays_are_private(shelf: Any) -> None:
    for array in (np.arange(300_000), np.arange(3)):
        artifact = shelf.put(array)
        private = shelf.take(artifact, writable=True)
        private[:] = 0
        assert np.array_equal(shelf.take(artifact), array)
        assert np.array_equal(shelf.take(artifact, writable=True), array)


def test_a_loaded_array_is_a_map_and_outlives_its_file(shelf: Any) -> None:
    array = np.arange(1_000_000)
    loaded = shelf.take(shelf.put(array))
    assert not memoryview(loaded.base).obj.copied
    for path in (shelf.folder / "objects").iterdir():
        path.unlink()
    assert np.array_equal(loaded, array)


def test_two_versions_share_their_cells(shelf: Any) -> None:
    array = np.arange(1_000_000)
    shelf.put(array)
    before = shelf.store.status().bytes
    array[-1] = 0
    shelf.put(array)
    assert shelf.store.status().bytes - before < (1 << 20) + 20_000


class Tagged(np.ndarray):
    """A subclass that carries more than its bytes."""


@pytest.mark.parametrize(
    "array",
    [
        np.ma.masked_array([1, 2, 3], mask=[0, 1, 0]),
        np.rec.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
        np.array([{"a": 1}, None], dtype=object),
        np.arange(3).view(Tagged),
        np.float64(1.5),
        np.array(["text"], dtype=np.dtypes.StringDType()),
    ],
    ids=lambda array: type(array).__name__,
)
def test_what_is_more_than_its_bytes_is_pickled(shelf: Any, array: Any) -> None:
    artifact = shelf.put(array)
    assert artifact.format == "pickle/1"
    loaded = shelf.take(artifact)
    assert type(loaded) is type(array)
    assert loaded.dtype == array.dtype
    assert repr(loaded) == repr(array)
