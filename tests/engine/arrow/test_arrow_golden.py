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
    "int64": "99f0da3d425543583a42d292b969e6d1",
    "bool": "f76cecbe3a50a91e01aecea2f92f170c",
    "string": "73f09e023f8320e40346dfccbcb04569",
    "string_view": "3975ea1b16b750d537f1e16ced983bf4",
    "list": "5b9ffb20e4d6939b081fcd67ea56df2a",
    "list_view": "449fa4d126f917510ea01e9d15256f92",
    "fixed_list": "3884a633d5bf70a8fb7447b9d4fcc5bf",
    "struct": "8f27deb3d94afd7d5b8a72b8d7e66d10",
    "map": "04e3dce6ecd235e67c0478bf7eb0e181",
    "dictionary": "8fee2f4353da18ad5cd12e642ef26e31",
    "sparse_union": "72d56431f368e911b1a74457ba0456dd",
    "dense_union": "7d8fcf44db5ecc706cc12ee9f2342f4f",
    "run_ends": "b3c6a7211a36fbb6fad9e563539d64d7",
    "timestamp": "4d5ca79347d364e9280d9461fa30660c",
    "decimal": "6be543380ebd383af7caae2bfafdbb8c",
    "null": "98d7032512f3296aad955114348c4f77",
    "uuid": "f5da7044653909264e39ea48b95884ac",
    "none": "dca57b4c3b635d59d06b4b3f1392c1de",
}


@pytest.mark.parametrize("name", COLUMNS)
def test_columns(name: str, grid_and_back: Callable[..., Any]) -> None:
    assert grid_and_back(COLUMNS[name])[0].digest.hex() == DIGESTS[name]


def test_a_table() -> None:
    schema = pa.schema(
        [pa.field("x", pa.int64(), nullable=False, metadata={"unit": "m"}), ("y", pa.string())], {"k": "v"}
    )
    grid = _arrow.stream_grid(pa.table([[1, 2], ["a", N]], schema=schema).__arrow_c_stream__())
    assert grid.digest.hex() == "87eaa05235235a8431503d6f5a4e9091"
    assert [column.digest.hex() for column in grid.columns] == [
        "a087acbaa817701d14b93ed219c11d93",
        "fd041c223cd7c1260d892d138cec98e1",
    ]


def test_the_bytes_of_a_cell(grid_and_cells: Callable[..., Any]) -> None:
    grid, cells = grid_and_cells(pa.array([["a", N], N]))
    cell = cells[grid.cells[0]].tobytes()
    header = "4d4c4152524f57000200000005000000"
    nodes = "0200000000000000010000000000000002000000000000000100000000000000"
    lengths = "01000000000000000c0000000000000001000000000000000c000000000000000100000000000000"
    buffers = ["01", "000000000200000002000000", "01", "000000000100000001000000", "61"]
    parts = [header + nodes + lengths, *buffers]
    assert cell == b"".join(bytes.fromhex(part).ljust(-(-len(part) // 128) * 64, b"\0") for part in parts)
