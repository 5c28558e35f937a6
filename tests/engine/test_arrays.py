"""Grids of NumPy arrays: cells, digests, what tells arrays apart, and the sink."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlops_core.engine._arrays import CELL_BYTES, array_digests, array_grid, native_digest
from mlops_core.engine._values import value_digest
from mlops_core.engine.dtypes import padding

Array = np.ndarray[Any, np.dtype[Any]]
Cells = Callable[[Array], tuple[bytes, ...]]
DTYPES = (
    hnp.scalar_dtypes().filter(lambda dtype: dtype.char not in "gG")
    | hnp.byte_string_dtypes()
    | hnp.unicode_string_dtypes()
    | hnp.array_dtypes(max_size=3, allow_subarrays=False, subtype_strategy=hnp.integer_dtypes())
)


def refuse(value: object) -> bytes:
    raise TypeError(f"{value!r} is not walked natively")


@st.composite
def arrays(draw: st.DrawFn) -> Array:
    """Arrays of any plain dtype, shape and layout, in memory that ends where they end."""
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6))
    dtype = draw(DTYPES)
    count = int(np.prod(shape)) * dtype.itemsize
    memory = np.frombuffer(draw(st.binary(min_size=count, max_size=count)), np.uint8).copy()
    array: Array = np.ndarray(shape, dtype, memory) if count else np.empty(shape, dtype)
    if draw(st.booleans()):
        array = np.asfortranarray(array)
    if array.ndim and draw(st.booleans()):
        array = array.transpose(draw(st.permutations(range(array.ndim))))
    steps = [slice(None, None, draw(st.sampled_from([1, 1, 2, -1, -3]))) for _ in range(array.ndim)]
    return array[(*steps, ...)]


@settings(max_examples=300)
@given(arrays())
def test_cells_are_those_of_the_reference(reference_cells: Cells, array: Array) -> None:
    grid = array_grid(array)
    assert grid.cells == reference_cells(array)
    assert grid.nbytes == array.nbytes
    assert grid.shape == array.shape
    again = array_grid(np.array(array, order="C"))
    assert (again.digest, again.cells) == (grid.digest, grid.cells)
    assert value_digest(array, refuse) == grid.digest


@given(arrays().filter(lambda array: array.dtype.names is None))
def test_digests_are_those_of_the_reference(reference_array: Callable[[Array], bytes], array: Array) -> None:
    assert array_grid(array).digest == reference_array(array)


BIG = [
    np.arange(700_000, dtype="<f8").reshape(700, 1000),
    np.arange(1 << 17, dtype="<i8"),  # exactly one cell
    np.arange((1 << 18) + 5, dtype="<i4")[1:],
    np.arange(400_000).astype("U7"),  # items lie across the edges of cells
    np.zeros(3, "S700000"),  # an item is most of a cell
    np.arange(3 * 600_001, dtype="<i2").reshape(3, -1)[:, ::2],
    np.broadcast_to(np.arange(5.0), (60_000, 5)),
    np.arange(180_000.0).reshape(30, 20, 300).transpose(2, 0, 1),
]


@pytest.mark.parametrize("array", BIG, ids=lambda array: f"{array.dtype}-{array.shape}")
@pytest.mark.parametrize("order", ["as it is", "F", "reversed"])
def test_arrays_of_several_cells(reference_cells: Cells, array: Array, order: str) -> None:
    laid = {"as it is": array, "F": np.asfortranarray(array), "reversed": np.array(array[::-1])[::-1]}[order]
    received: list[bytes] = []

    def sink(digest: bytes, pieces: tuple[memoryview, ...]) -> None:
        assert all(piece.readonly for piece in pieces)
        data = b"".join(pieces)
        assert digest == xxhash.xxh3_128_digest(data)
        received.append(data)

    grid = array_grid(laid, sink)
    assert grid.cells == reference_cells(array)
    assert b"".join(received) == array.tobytes()
    assert [len(data) for data in received[:-1]] == [CELL_BYTES] * (len(received) - 1)
    assert array_grid(laid).digest == grid.digest


def test_equal_cells_have_equal_digests_wherever_they_stand() -> None:
    grid = array_grid(np.zeros(4 * CELL_BYTES + 1, np.uint8))
    assert len(grid.cells) == 5
    assert len(set(grid.cells)) == 2
    assert grid.cells[0] == array_grid(np.zeros(CELL_BYTES // 8)).cells[0]


SHAPES: list[Any] = [4, (2, 2), (4, 1), (), 1, (1, 1), 0, (0, 3), (3, 0), 2]
KINDS: list[Any] = [
    "f4",
    "i4",
    ">i4",
    "u4",
    "U1",
    "U2",
    "S1",
    "S4",
    "M8[s]",
    "M8[ms]",
    "m8[s]",
    "V8",
    "?",
    "c8",
]
KINDS += [[("a", "i4")], [("b", "i4")], [("a", "i4"), ("b", "i4")], [("a", "i4", (1,))]]
DIFFERENT = [np.zeros(shape) for shape in SHAPES] + [np.zeros(3, kind) for kind in KINDS]
DIFFERENT += [np.array(items) for items in ([0.0, -0.0], [1, 0], [0, 1], ["a"], [b"a"])]


def test_arrays_that_code_can_tell_apart_have_different_digests() -> None:
    digests = {array_grid(array).digest for array in DIFFERENT}
    digests |= {value_digest(array[()], refuse) for array in DIFFERENT if array.shape == ()}
    assert len(digests) == len(DIFFERENT) + 1


def test_scalars_are_not_arrays_and_not_numbers_of_python() -> None:
    values = [np.float64(1), np.float32(1), np.int64(1), np.int8(1), np.bool_(True), np.complex128(1)]
    values += [1, 1.0, True, 1 + 0j, "1", b"1", np.array(1.0), np.void(b"1")]
    values += [np.str_("1"), np.bytes_(b"1"), np.str_("1\0"), np.timedelta64(1, "s")]
    values += [np.datetime64(1, "s"), np.datetime64(1, "ms")]
    assert len({value_digest(value, refuse) for value in values}) == len(values)


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "g"])
def test_nan_is_one_scalar_and_keeps_its_bits_in_arrays(kind: str) -> None:
    plain = np.array([np.nan], kind)
    negative = np.negative(plain)
    assert value_digest(plain[0], refuse) == value_digest(negative[0], refuse)
    assert value_digest(plain, refuse) != value_digest(negative, refuse)


def test_nan_in_complex_scalars() -> None:
    left, right = np.complex128(complex(np.nan, 1)), np.complex128(complex(-np.nan, 1))
    assert value_digest(left, refuse) == value_digest(right, refuse)
    assert value_digest(left, refuse) != value_digest(np.complex128(complex(np.nan, 2)), refuse)


ALIGNED = np.dtype([("a", "u1"), ("b", "f8"), ("c", "u1")], align=True)
MAYBE_PADDED: list[Any] = [ALIGNED, [("x", ALIGNED, (2,)), ("y", "u2")], "g", [("a", "g"), ("b", ">G")]]
PADDED = [dtype for dtype in MAYBE_PADDED if padding(np.dtype(dtype))]


@pytest.mark.parametrize("dtype", PADDED, ids=str)
def test_what_lies_in_padding_does_not_count(dtype: Any) -> None:
    zeros: Array = np.zeros(500, dtype)
    junk: Array = zeros.copy()
    for start, length in padding(zeros.dtype):
        junk.view(np.uint8).reshape(500, -1)[:, start : start + length] = 0xFF
    assert junk.tobytes() != zeros.tobytes()
    assert array_grid(junk).digest == array_grid(zeros).digest
    cells: list[bytes] = []
    array_grid(junk, lambda digest, pieces: cells.append(b"".join(pieces)))
    assert b"".join(cells) == bytes(zeros.nbytes)
    assert value_digest(junk[0], refuse) == value_digest(zeros[0], refuse)


def test_padding_is_cleared_across_the_edges_of_cells() -> None:
    dtype = np.dtype({"names": ["a"], "formats": ["u1"], "offsets": [5], "itemsize": 11})
    zeros, ones = (np.frombuffer(fill * 11 * 200_000, dtype).copy() for fill in (b"\0", b"\xff"))
    zeros["a"] = ones["a"] = 7
    cells: list[bytes] = []
    grid = array_grid(ones[::-1], lambda _, pieces: cells.append(b"".join(pieces)))
    assert grid.cells == array_grid(zeros).cells
    assert b"".join(cells) == (b"\0" * 5 + b"\7" + b"\0" * 5) * 200_000


def test_memory_maps_are_taken(tmp_path: Any) -> None:
    mapped = np.memmap(tmp_path / "numbers", "<i4", "w+", shape=(10, 10))
    mapped[:] = 3
    assert array_grid(mapped).digest == array_grid(np.full((10, 10), 3, "<i4")).digest


@pytest.mark.parametrize(
    "array",
    [
        np.array([None]),
        np.array([("a", None)], [("x", "U1"), ("y", "O")]),
        np.array(["text"], np.dtypes.StringDType()),
        np.ma.masked_array([1, 2], [True, False]),
        np.rec.array([(1, 2.0)]),
        [1, 2],
        np.float64(1),
        None,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_holds_more_than_its_bytes_is_refused(array: Any) -> None:
    with pytest.raises(TypeError):
        array_grid(array)
    if isinstance(array, np.ndarray):
        with pytest.raises(TypeError, match="not walked natively"):
            value_digest(array, refuse)


def test_metadata_of_a_dtype_is_left_to_resolve() -> None:
    array = np.zeros(3, np.dtype("i4", metadata={"unit": "m"}))
    assert native_digest(array) is None


def test_an_error_of_the_sink_passes_through() -> None:
    def fail(digest: bytes, pieces: tuple[memoryview, ...]) -> None:
        raise OSError("disk full")

    for array in (np.zeros(10), np.zeros((10, 10))[:, ::2]):
        with pytest.raises(OSError, match="disk full"):
            array_grid(array, fail)


def test_a_view_that_the_sink_keeps_is_safe() -> None:
    kept: list[memoryview] = []
    array = np.arange(1 << 19, dtype="<i8")
    array_grid(array, lambda _, pieces: kept.extend(pieces))
    expected = array.tobytes()
    del array
    assert b"".join(kept) == expected


def test_references_stay_in_balance() -> None:
    array = np.arange(1000.0).reshape(10, 100)[:, ::2]
    before = sys.getrefcount(array)
    for _ in range(50):
        array_grid(array)
        array_grid(array.T, lambda digest, pieces: None)
        value_digest([array, array], refuse)
    assert sys.getrefcount(array) == before


def test_many_arrays_are_digested_together() -> None:
    arrays: list[Any] = [
        np.arange(10.0),
        np.zeros((3, 0)),
        np.arange(300_000)[::2],
        np.arange(400_000).reshape(2, -1),
        np.array(5, "M8[s]"),
        np.array(["a"], object),
        np.zeros(3, [("a", "<i4"), ("b", "<f8")]),
        *(np.full(1000, i, "i2") for i in range(500)),
        np.arange(1 << 19),
        [1],
    ]
    digests = array_digests(arrays)
    for array, digest in zip(arrays, digests, strict=True):
        expected = array_grid(array).digest if type(array) is np.ndarray and array.dtype != object else None
        assert digest == expected
    assert array_digests([]) == []
