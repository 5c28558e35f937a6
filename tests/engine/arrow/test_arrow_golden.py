"""Golden values. Changing this invalidates every user's cache."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from mlops_core.engine import _arrow

N = None
ENTRIES = pa.struct([pa.field("a", pa.int8(), nullable=False), ("b", pa.string())])
COLUMNS: dict[str, pa.Array] = {
    "int64": pa.array(np.arange(100_000)),
    "bool": pa.array([True, N, False]),
    "string": pa.array(["a", N, "bcd"]),
    "string_view": pa.array(["a", N, "longer than twelve"], pa.string_view()),
    "list": pa.array([[1, N], N, []], pa.list_(pa.int16())),
    "list_view": pa.array([[1, N], N, []], pa.list_view(pa.int16())),
    "fixed_list": pa.array([[1, N], N], pa.list_(pa.int8(), 2)),
    "struct": pa.array([{"a": 1, "b": "x"}, N], ENTRIES),
    "map": pa.array([[("k", 1)], N], pa.map_(pa.string(), pa.int32(), keys_sorted=True)),
    "dictionary": pa.array(["a", "b", N, "a"]).dictionary_encode(),
    "sparse_union": pa.UnionArray.from_sparse(
        pa.array([0, 1], pa.int8()), [pa.array([1, 2]), pa.array(["x", "y"])]
    ),
    "dense_union": pa.UnionArray.from_dense(
        pa.array([0, 1], pa.int8()), pa.array([0, 0], pa.int32()), [pa.array([1]), pa.array(["x"])]
    ),
    "run_ends": pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int16()), ["a", "b"]),
    "timestamp": pa.array([0, N], pa.timestamp("us", tz="UTC")),
    "decimal": pa.array([1, N]).cast(pa.decimal128(21, 2)),
    "null": pa.array([N, N]),
    "uuid": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"a" * 16, N], pa.binary(16))),
    "none": pa.array([], pa.int8()),
}
DIGESTS = {
    "int64": "1ec134669bb53f7489138e0931c9955a",
    "bool": "d90dd10353984f84fad7412dbcf57881",
    "string": "bbd3df0e15519ccf5ce8ee64134edcb0",
    "string_view": "559ac3a4e46fa44879dee949151fedb1",
    "list": "6619491e950ab172c17cac63e30dd89a",
    "list_view": "5a636b22672b03b440e82bf7b0c3221d",
    "fixed_list": "e25178325ac8b2db7e63c2a201b1e402",
    "struct": "19e57d4e5bff2197286721be48ee846c",
    "map": "a79fa6d9f60fef0c94de8d8a2186bc0e",
    "dictionary": "57062bbec9d5c4b5d612e1c214e967a9",
    "sparse_union": "166695e6e3ab6eb46ebd0c11fdd0ddee",
    "dense_union": "48645f51f587ebc265d6ed9e5d9a9aea",
    "run_ends": "a89132e4959e53585abc47a6dd250cce",
    "timestamp": "ffb033517bb02ebc14003a62c5076ba7",
    "decimal": "c5af6241150e96271d246f208ec6dd2a",
    "null": "0c1b16a5a647927ddad9b758b5acfaa2",
    "uuid": "ff9da8a1adbe55773af9dc1099c7bb79",
    "none": "5aac127f5351e3000f1deb7df971fb4a",
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns(name: str, grid_and_back: Callable[..., Any]) -> None:
    assert grid_and_back(COLUMNS[name])[0].digest.hex() == DIGESTS[name]


def test_a_table() -> None:
    schema = pa.schema(
        [pa.field("x", pa.int64(), nullable=False, metadata={"unit": "m"}), ("y", pa.string())], {"k": "v"}
    )
    grid = _arrow.stream_grid(pa.table([[1, 2], ["a", N]], schema=schema).__arrow_c_stream__())
    assert grid.digest.hex() == "692782d2f36694ff218ceeecc62aa5ab"
    assert [column.digest.hex() for column in grid.columns] == [
        "7a28e76a2502a85ace42e34b6a09ca3d",
        "edb1ca7623cba1b0eeac20a0cd1650ba",
    ]


def test_the_bytes_of_a_block(grid_and_cells: Callable[..., Any]) -> None:
    grid, cells = grid_and_cells(pa.array([["a", N], N]))
    header = "4d4c4152524f57010200000005000000"
    nodes = "0200000000000000010000000000000002000000000000000100000000000000"
    lengths = "01000000000000000c0000000000000001000000000000000c000000000000000100000000000000"
    buffers = ["01", "000000000200000002000000", "01", "000000000100000001000000", "61"]
    assert [cells[cell].tobytes().hex() for cell in grid.cells[0]] == [header + nodes + lengths, *buffers]


def test_a_plain_block_has_no_layout(grid_and_cells: Callable[..., Any]) -> None:
    grid, cells = grid_and_cells(pa.array([1, 2], pa.int16()))
    assert (grid.rows, grid.cells[0][0], len(grid.cells[0])) == ((2,), b"", 2)
    assert cells[grid.cells[0][1]].tobytes().hex() == "01000200"
