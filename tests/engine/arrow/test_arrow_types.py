"""Every type: digest independent of layout, cells that load back to the equal array."""

import datetime as dt
import decimal
from collections.abc import Callable

import pyarrow as pa
import pytest

Grid = Callable[..., tuple[object, pa.ChunkedArray]]
N = None
UNION_CODES = pa.array([0, 1, 0, 1], pa.int8())


def decimals(type: pa.DataType) -> pa.Array:
    return pa.array([decimal.Decimal("1.23"), N, decimal.Decimal("-9.99")], type)


ARRAYS = {
    "null": pa.array([N, N, N]),
    "bool": pa.array([True, N, False]),
    "float16": pa.array([1.5, N, -0.0], pa.float16()),
    "float32": pa.array([float("inf"), N, -0.0], pa.float32()),
    "date32": pa.array([dt.date(2020, 1, 1), N], pa.date32()),
    "date64": pa.array([dt.date(2020, 1, 1), N], pa.date64()),
    "time32": pa.array([dt.time(1, 2), N], pa.time32("s")),
    "time64": pa.array([dt.time(1, 2), N], pa.time64("ns")),
    "timestamp": pa.array([dt.datetime(2020, 1, 1), N], pa.timestamp("us", tz="Europe/Rome")),
    "duration": pa.array([dt.timedelta(1), N], pa.duration("ms")),
    "month_day_nano": pa.array([pa.MonthDayNano([1, 2, 3]), N]),
    "decimal32": decimals(pa.decimal32(5, 2)),
    "decimal64": decimals(pa.decimal64(5, 2)),
    "decimal128": decimals(pa.decimal128(5, 2)),
    "decimal256": decimals(pa.decimal256(5, 2)),
    "binary": pa.array([b"", N, b"\x00x"]),
    "large_string": pa.array(["", N, "wide"], pa.large_string()),
    "string_view": pa.array(["short", N, "more than twelve", "another long text"], pa.string_view()),
    "binary_view": pa.array([b"exactly12byt", N, b"thirteen bytes"], pa.binary_view()),
    "fixed_binary": pa.array([b"ab", N, b"cd"], pa.binary(2)),
    "no_width": pa.array([b"", N, b""], pa.binary(0)),
    "list": pa.array([[1, N], N, []], pa.list_(pa.int16())),
    "large_list": pa.array([["a"], N, ["b", N]], pa.large_list(pa.string())),
    "list_view": pa.array([[1, 2], N, [], [3]], pa.list_view(pa.int16())),
    "large_list_view": pa.array([["a"], N, [N]], pa.large_list_view(pa.string())),
    "fixed_list": pa.array([[1, N], N, [3, 4]], pa.list_(pa.int8(), 2)),
    "fixed_list_of_none": pa.array([[], N, []], pa.list_(pa.string(), 0)),
    "struct": pa.array([{"a": 1, "b": "x"}, N, {"a": N, "b": "y"}]),
    "struct_of_nothing": pa.array([{}, N, {}], pa.struct([])),
    "struct_of_required": pa.array(
        [{"a": 1}, N], pa.struct([pa.field("a", pa.int64(), nullable=False, metadata={"unit": "m"})])
    ),
    "map": pa.array([[("k", 1), ("l", N)], N, []], pa.map_(pa.string(), pa.int32())),
    "map_sorted": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int32(), keys_sorted=True)),
    "dictionary": pa.array(["a", "b", N, "a"]).dictionary_encode(),
    "dictionary_ordered": pa.DictionaryArray.from_arrays(
        pa.array([1, 0, N], pa.uint8()), pa.array(["z", "a", "unused"]), ordered=True
    ),
    "dictionary_repeats": pa.DictionaryArray.from_arrays([0, 1, 2], ["a", "a", "b"]),
    "dictionary_null": pa.DictionaryArray.from_arrays([0, 1, N], ["a", N]),
    "dictionary_in_list": pa.array([["a", "b"], ["a", N]], pa.list_(pa.dictionary(pa.int8(), pa.string()))),
    "dictionary_of_struct": pa.DictionaryArray.from_arrays([0, 1, 0], pa.array([{"a": 1}, {"a": N}])),
    "dictionary_in_dictionary": pa.DictionaryArray.from_arrays(
        [1, 0], pa.StructArray.from_arrays([pa.array(["x", "y"]).dictionary_encode()], ["inner"])
    ),
    "sparse_union": pa.UnionArray.from_sparse(
        UNION_CODES, [pa.array([1, 2, N, 4]), pa.array(["", "x", "", "y"])]
    ),
    "dense_union": pa.UnionArray.from_dense(
        UNION_CODES, pa.array([1, 0, 0, 0], pa.int32()), [pa.array([1, 2]), pa.array(["x"])]
    ),
    "union_with_codes": pa.UnionArray.from_sparse(
        pa.array([7, 5], pa.int8()), [pa.array([1, 2]), pa.array(["x", "y"])], ["i", "s"], [5, 7]
    ),
    "run_ends_16": pa.RunEndEncodedArray.from_arrays(
        pa.array([2, 3, 6], pa.int16()), pa.array(["a", N, "b"])
    ),
    "run_ends_32": pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array([1.5, 2.5])),
    "run_ends_64": pa.RunEndEncodedArray.from_arrays(pa.array([1, 3], pa.int64()), pa.array([[1], [N, 2]])),
    "uuid": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"a" * 16, N], pa.binary(16))),
    "json": pa.ExtensionArray.from_storage(pa.json_(), pa.array(["{}", N])),
    "tensor": pa.ExtensionArray.from_storage(
        pa.fixed_shape_tensor(pa.float32(), [2, 2]), pa.array([[1, 2, 3, 4]], pa.list_(pa.float32(), 4))
    ),
}
NUMBERS = [pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(), pa.uint64()]
ARRAYS |= {str(type): pa.array([0, N, 100], type) for type in NUMBERS}


@pytest.mark.parametrize("name", ARRAYS)
def test_cells_load_back_to_the_equal_array(name: str, grid_and_back: Grid) -> None:
    array = ARRAYS[name]
    grid, back = grid_and_back(array)
    back.validate(full=True)
    assert back.type == array.type
    assert back.equals(pa.chunked_array([array]))
    again, _ = grid_and_back(back)
    assert again == grid


@pytest.mark.parametrize("name", ARRAYS)
def test_chunks_and_slices_do_not_matter(name: str, grid_and_back: Grid) -> None:
    array = ARRAYS[name]
    grid, _ = grid_and_back(array)
    pieces = [array.slice(0, 1), array.slice(1, 0), array.slice(1)]
    assert grid_and_back(pa.chunked_array(pieces))[0] == grid


@pytest.mark.parametrize("name", ARRAYS)
def test_inside_a_list_and_under_a_null_struct(name: str, grid_and_back: Grid) -> None:
    array = ARRAYS[name]
    rows = len(array)
    listed = pa.ListArray.from_arrays(pa.array([0, 0, rows], pa.int32()), array)
    hidden = pa.StructArray.from_arrays(
        [array], fields=[pa.field("x", array.type)], mask=pa.array([i == 0 for i in range(rows)])
    )
    for nested in (listed, hidden):
        grid, back = grid_and_back(nested)
        back.validate(full=True)
        assert back.equals(pa.chunked_array([nested]))
        assert back.to_pylist() == nested.to_pylist()
        again, _ = grid_and_back(pa.chunked_array([nested.slice(0, 1), nested.slice(1)]))
        assert again == grid


def test_the_digests_of_all_types_differ(grid_and_back: Grid) -> None:
    digests = {grid_and_back(array)[0].digest for array in ARRAYS.values()}
    assert len(digests) == len(ARRAYS)
