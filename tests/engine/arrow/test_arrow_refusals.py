"""Bad data, unknown types, failing producers and sinks: one clear error, never a crash."""

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mlops_core.engine import _arrow, arrow_cells
from mlops_core.errors import DamagedState, UnfingerprintableValue


def spoiled(
    good: list[int], bad: list[int], build: Callable[[pa.Buffer], pa.Array], width: int = 4
) -> pa.Array:
    """An array built over good integers (a buffer of exactly their size) that turn bad afterwards."""
    numbers = np.array(good, dtype=f"<i{width}")
    array = build(pa.py_buffer(numbers))
    numbers[:] = bad
    return array


def built(type: pa.DataType, length: int, *children: pa.Array) -> Callable[..., pa.Array]:
    """Builds an array from the buffers after its validity."""
    kept = list(children) or None
    return lambda *buffers: pa.Array.from_buffers(type, length, [None, *buffers], 0, children=kept)


BYTES = pa.array([1, 2], pa.int8())
UNION = pa.dense_union([pa.field("a", pa.int8()), pa.field("b", pa.int8())])
ZERO = pa.py_buffer(bytes(4))
TEXT = pa.py_buffer(b"x" * 100)


def text(bad: list[int]) -> pa.Array:
    return spoiled([0, 2, 5], bad, lambda offsets: built(pa.string(), 2)(offsets, TEXT))


def view(bad: list[int]) -> pa.Array:
    return spoiled([20, 0, 0, 0], bad, lambda views: built(pa.string_view(), 1)(views, TEXT))


def union(code: int) -> pa.Array:
    return spoiled([0], [code], lambda codes: built(UNION, 1, BYTES, BYTES)(codes, ZERO), 1)


def runs(bad: list[int]) -> pa.Array:
    type = pa.run_end_encoded(pa.int32(), pa.int8())
    return spoiled(
        [1, 2],
        bad,
        lambda ends: pa.RunEndEncodedArray.from_buffers(
            type, 2, [None], 0, 0, [built(pa.int32(), 2)(ends), BYTES]
        ),
    )


BROKEN = {
    "offsets descend": text([0, 5, 3]),
    "negative offset": text([-1, 3, 5]),
    "list too long": spoiled([0, 1], [0, 9], built(pa.list_(pa.int8()), 1, BYTES)),
    "list view outside": spoiled([2], [3], lambda s: built(pa.list_view(pa.int8()), 1, BYTES)(ZERO, s)),
    "list view overflow": spoiled(
        [0], [2**62], lambda n: built(pa.large_list_view(pa.int8()), 1, BYTES)(n, n), width=8
    ),
    "index outside": pa.DictionaryArray.from_arrays([0, 3], ["a", "b"], safe=False),
    "negative index": pa.DictionaryArray.from_arrays(pa.array([-1], pa.int8()), ["a"], safe=False),
    "unknown code": union(9),
    "negative code": union(-1),
    "dense offset outside": spoiled(
        [0], [7], lambda o: built(UNION, 1, BYTES, BYTES)(pa.py_buffer(b"\0"), o)
    ),
    "view outside": view([20, 0, 0, 90]),
    "view before": view([20, 0, 0, -1]),
    "view of no buffer": view([20, 0, 3, 0]),
    "view of negative length": view([-1, 0, 0, 0]),
    "runs descend": runs([2, 1]),
    "runs stand still": runs([2, 2]),
    "runs too short": runs([0, 1]),
}


def grid(array: pa.Array, sink: Any = None) -> _arrow.ColumnGrid:
    return _arrow.array_grid_arrow(pa.chunked_array([array]).__arrow_c_stream__(), sink)


@pytest.mark.parametrize("name", BROKEN)
def test_broken_data_are_refused(name: str) -> None:
    array = BROKEN[name]
    with pytest.raises(UnfingerprintableValue, match="row") as caught:
        grid(array)
    assert "validate" in caught.value.hint


def test_what_lies_under_nulls_may_be_anything() -> None:
    nowhere = spoiled(
        [1, 0, 0, 0],
        [20, 0, 3, 0],
        lambda views: pa.Array.from_buffers(pa.string_view(), 1, [pa.py_buffer(b"\0"), views], 1),
    )
    assert grid(nowhere) == grid(pa.array([None], pa.string_view()))
    index = pa.DictionaryArray.from_arrays(
        pa.Array.from_buffers(pa.int8(), 1, [pa.py_buffer(b"\0"), pa.py_buffer(b"\x63")], 1),
        ["a"],
        safe=False,
    )
    assert grid(index) == grid(pa.DictionaryArray.from_arrays(pa.array([None], pa.int8()), ["a"]))


def test_the_column_is_named() -> None:
    table = pa.table({"good": [1, 2], "bad": BROKEN["index outside"]})
    with pytest.raises(UnfingerprintableValue, match="column 'bad'"):
        _arrow.stream_grid(table.__arrow_c_stream__())


def test_unified_dictionaries_may_be_too_long_for_their_indices() -> None:
    chunks = [
        pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), pa.array(range(start, start + 100)))
        for start in (0, 100)
    ]
    with pytest.raises(UnfingerprintableValue, match="200 entries, more than 8-bit") as caught:
        _arrow.array_grid_arrow(pa.chunked_array(chunks).__arrow_c_stream__())
    assert "wider" in caught.value.hint


def test_a_type_nested_too_deep_is_refused() -> None:
    deep = pa.int8()
    for _ in range(150):
        deep = pa.list_(deep)
    with pytest.raises(UnfingerprintableValue, match="deeper than 100 levels"):
        _arrow.array_grid_arrow(pa.chunked_array([], deep).__arrow_c_stream__())


class Schema(ctypes.Structure):
    """ArrowSchema, as far as it is changed here."""

    _fields_ = (("format", ctypes.c_char_p),)


class Array(ctypes.Structure):
    """ArrowArray, as far as it is changed here."""

    _fields_ = tuple(
        (name, ctypes.c_int64) for name in ("length", "null_count", "offset", "n_buffers", "n_children")
    )


class Forged:
    """The stream of one array, with a wrong schema or a wrong array."""

    def __init__(self, array: pa.Array, *, format: bytes | None = None, **changes: int) -> None:
        self.capsule = pa.chunked_array([array]).__arrow_c_stream__()
        get = ctypes.pythonapi.PyCapsule_GetPointer
        get.restype, get.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
        pointer = ctypes.POINTER(ctypes.c_void_p)
        self.slots = ctypes.cast(get(self.capsule, b"arrow_array_stream"), pointer)
        self.kept: list[object] = []
        if format is not None:
            self.wrap(0, Schema, {"format": format})
        self.wrap(1, Array, changes)

    def wrap(self, slot: int, struct: type[ctypes.Structure], changes: dict[str, Any]) -> None:
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(struct))
        real = kind(self.slots[slot])

        def call(stream: int, out: Any) -> int:
            status = int(real(stream, out))
            for name, value in changes.items():
                setattr(out.contents, name, value)
            return status

        callback = kind(call)
        self.kept += [callback, changes]
        self.slots[slot] = ctypes.cast(callback, ctypes.c_void_p).value


FORMATS = [
    b"", b"?", b"ts", b"tsx:", b"d:5", b"d:5,2,99", b"w:", b"w:-1", b"w:99999999999", b"+w:2", b"+l", b"+r",
    b"+ud:0", b"+us:x", b"u", b"vu", b"n", b"+s",
]  # fmt: skip


@pytest.mark.parametrize("format", FORMATS)
def test_a_format_that_is_unknown_or_does_not_fit_is_refused(format: bytes) -> None:
    forged = Forged(pa.array([1, 2]), format=format)
    with pytest.raises(UnfingerprintableValue):
        _arrow.array_grid_arrow(forged.capsule)


def test_a_decimal_whose_width_is_spelled_out_is_the_same_type() -> None:
    array = pa.array([None], pa.decimal128(19, 2))
    forged = Forged(array, format=b"d:19,2,128")
    assert _arrow.array_grid_arrow(forged.capsule) == grid(array)


IMPOSSIBLE: list[dict[str, int]] = [
    {"length": -1}, {"offset": -1}, {"length": 2**63 - 1}, {"null_count": 99}, {"null_count": -2},
    {"null_count": 1}, {"n_buffers": 1},
]  # fmt: skip


@pytest.mark.parametrize("changes", IMPOSSIBLE, ids=str)
def test_impossible_arrays_are_refused(changes: dict[str, int]) -> None:
    forged = Forged(pa.array([1, 2]), **changes)
    with pytest.raises(UnfingerprintableValue, match="array"):
        _arrow.array_grid_arrow(forged.capsule)


@pytest.mark.parametrize(
    "array", [pa.array([[1], [2]]), pa.array([{"a": 1}]), pa.array([[1]], pa.list_(pa.int8(), 1))]
)
def test_children_that_are_too_short_are_refused(array: pa.Array) -> None:
    forged = Forged(array, offset=1) if not pa.types.is_list(array.type) else Forged(array, n_children=0)
    with pytest.raises(UnfingerprintableValue, match="child"):
        _arrow.array_grid_arrow(forged.capsule)


def test_streams_are_consumed_once() -> None:
    stream = pa.table({"a": [1]}).__arrow_c_stream__()
    _arrow.stream_grid(stream)
    with pytest.raises(ValueError, match="consumed already"):
        _arrow.stream_grid(stream)
    with pytest.raises(ValueError, match="PyCapsule"):
        _arrow.stream_grid(object())


def test_an_array_is_no_table() -> None:
    with pytest.raises(UnfingerprintableValue, match="no record batches"):
        _arrow.stream_grid(pa.chunked_array([[1]]).__arrow_c_stream__())


def test_a_table_with_null_rows_is_refused() -> None:
    rows = pa.chunked_array([pa.array([{"a": 1}, None])])
    with pytest.raises(UnfingerprintableValue, match="null as a whole"):
        _arrow.stream_grid(rows.__arrow_c_stream__())


def test_a_failing_producer_is_heard() -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"a": [1]})
        raise KeyError("no more")

    reader = pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), batches())
    with pytest.raises(RuntimeError, match="no more"):
        _arrow.stream_grid(reader.__arrow_c_stream__())


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_what_the_sink_raises_comes_through(error: BaseException) -> None:
    def sink(digest: bytes, pieces: tuple[memoryview, ...]) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        grid(pa.array([1, 2]), sink)
    assert caught.value is error


def test_pieces_end_with_the_call() -> None:
    kept: list[memoryview] = []
    grid(pa.array([1, 2]), lambda digest, pieces: kept.extend(pieces))
    with pytest.raises(ValueError, match="released"):
        bytes(kept[0])


# --- loading ----------------------------------------------------------------------------------------------


def stored(array: pa.Array) -> list[bytes]:
    """The cells of the only block, empty ones included."""
    cells: dict[bytes, bytes] = {b"": b""}
    found = grid(array, lambda digest, pieces: cells.update({digest: b"".join(pieces)}))
    return [cells[cell] for cell in found.cells[0]]


def read(type: pa.DataType, rows: int, cells: list[Any]) -> pa.Array:
    return arrow_cells.read_block(type, rows, [pa.py_buffer(cell) for cell in cells])


BLOCKS = {
    "nested": pa.array([["a"], None]),
    "text": pa.array(["a", None]),
    "bits": pa.array([True] * 20),
    "view": pa.array(["a", None], pa.string_view()),
    "list view": pa.array([[1], None], pa.list_view(pa.int8())),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_a_cell_cut_anywhere_is_damaged(name: str) -> None:
    array = BLOCKS[name]
    cells = stored(array)
    assert read(array.type, len(array), cells).equals(array)
    free = {"text": 2, "view": 2}.get(name)  # how long the text is, its offsets say
    for place, cell in enumerate(cells):
        for length in range(len(cell)):
            absent = length == 0 and place == 0 and name != "nested"  # without a bitmap nothing is null
            if place == free or absent:
                continue
            with pytest.raises(DamagedState):
                read(array.type, len(array), [*cells[:place], cell[:length], *cells[place + 1 :]])


def test_a_block_of_another_version_type_or_length_is_damaged() -> None:
    layout, *buffers = stored(BLOCKS["nested"])
    nested = BLOCKS["nested"].type
    with pytest.raises(DamagedState, match="magic"):
        read(nested, 2, [layout[:7] + b"\x09" + layout[8:], *buffers])
    with pytest.raises(DamagedState, match="rows"):
        read(nested, 3, [layout, *buffers])
    with pytest.raises(DamagedState, match="bytes at the end"):
        read(nested, 2, [layout + b"\0", *buffers])
    with pytest.raises(DamagedState, match="should have"):
        read(pa.string(), 2, stored(pa.array([1, 2])))


def test_loading_copies_nothing() -> None:
    _, cell = stored(pa.array(np.arange(1000)))
    values = np.frombuffer(cell, dtype=np.uint8).copy()
    array = read(pa.int64(), 1000, [b"", values])
    values[-8:] = 0
    assert array[-1].as_py() == 0


def test_the_array_keeps_its_memory(grid_and_back: Callable[..., Any]) -> None:
    _, back = grid_and_back(pa.array(["x" * 100] * 100))
    assert back.to_pylist() == ["x" * 100] * 100
