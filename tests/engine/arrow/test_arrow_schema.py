"""Tables: what of the schema counts, dictionaries of many chunks, other producers, tables that load back."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlops_core.engine import _arrow

TABLE = pa.table({"a": [1, 2, 3], "b": ["x", None, "z"]})


def digest(table: Any) -> bytes:
    return _arrow.stream_grid(table.__arrow_c_stream__()).digest


def column(array: pa.Array | pa.ChunkedArray) -> _arrow.ColumnGrid:
    chunked = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
    return _arrow.array_grid_arrow(chunked.__arrow_c_stream__())


def with_field(**changes: Any) -> pa.Table:
    field = pa.field("a", pa.int64(), **changes)
    return TABLE.cast(pa.schema([field, TABLE.schema.field("b")]))


OTHERS = {
    "name": TABLE.rename_columns(["A", "b"]),
    "order": TABLE.select(["b", "a"]),
    "type": TABLE.cast(pa.schema([("a", pa.int32()), ("b", pa.string())])),
    "offset width": TABLE.cast(pa.schema([("a", pa.int64()), ("b", pa.large_string())])),
    "nullability": with_field(nullable=False),
    "field metadata": with_field(metadata={"unit": "m"}),
    "schema metadata": TABLE.replace_schema_metadata({"k": "v"}),
    "value": pa.table({"a": [1, 2, 4], "b": ["x", None, "z"]}),
    "null": pa.table({"a": [1, 2, 3], "b": ["x", "", "z"]}),
    "rows": TABLE.slice(0, 2),
    "no rows": TABLE.slice(0, 0),
    "no columns": TABLE.select([]),
    "a column more": TABLE.append_column("c", pa.array([1, 2, 3])),
    "dictionary": TABLE.set_column(1, "b", TABLE["b"].dictionary_encode()),
}


def test_everything_one_can_see_counts() -> None:
    digests = {digest(table) for table in [TABLE, *OTHERS.values()]}
    assert len(digests) == len(OTHERS) + 1


@pytest.mark.parametrize("name", OTHERS)
def test_tables_load_back_whole(name: str, table_and_back: Callable[..., Any]) -> None:
    table = OTHERS[name]
    grid, back = table_and_back(table)
    assert back.schema.equals(table.schema, check_metadata=True)
    assert name == "no columns" or back.equals(table, check_metadata=True)
    assert grid.rows == table.num_rows


def test_the_order_of_metadata_does_not_count() -> None:
    one = TABLE.replace_schema_metadata({"a": "1", "b": "2"})
    two = TABLE.replace_schema_metadata({"b": "2", "a": "1"})
    assert digest(one) == digest(two)


def test_the_names_of_nested_fields_count() -> None:
    a, b = pa.array([{"x": 1}]), pa.array([{"y": 1}])
    assert column(a).digest != column(b).digest
    assert column(a).cells == column(b).cells


def test_chunks_do_not_count(table_and_back: Callable[..., Any]) -> None:
    chunked = pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(1, 1), TABLE.slice(0, 0), TABLE.slice(2)])
    assert table_and_back(chunked)[0] == table_and_back(TABLE)[0]


def test_a_table_is_the_same_from_polars_and_pandas() -> None:
    table = TABLE.cast(pa.schema([("a", pa.int64()), ("b", pa.large_string())]))
    assert digest(pl.from_arrow(table).rechunk().to_arrow()) == digest(table)
    numbers = TABLE.select(["a"])
    assert digest(pl.from_arrow(numbers)) == digest(numbers)
    frame = pa.Table.from_pandas(pd.DataFrame({"a": [1, 2, 3]}), preserve_index=False)
    assert digest(frame.replace_schema_metadata()) == digest(numbers)


EMPTY = {
    "plain": pa.array([], pa.int8()),
    "dictionary": pa.DictionaryArray.from_arrays(pa.array([], pa.int8()), ["a", "b"]),
    "no entries": pa.DictionaryArray.from_arrays(pa.array([], pa.int8()), pa.array([], pa.string())),
    "list of runs": pa.ListArray.from_arrays(
        pa.array([0], pa.int32()), pa.array([], pa.run_end_encoded(pa.int16(), pa.string()))
    ),
    "uuid": pa.array([], pa.uuid()),
    "struct": pa.array([], pa.struct([("a", pa.string_view()), ("b", pa.list_view(pa.int8()))])),
}


@pytest.mark.parametrize("name", EMPTY)
def test_a_column_without_rows_is_one_empty_chunk(name: str, grid_and_back: Callable[..., Any]) -> None:
    grid, back = grid_and_back(EMPTY[name])
    back.validate(full=True)
    assert (grid.rows, grid.cells, back.num_chunks, len(back)) == ((), (), 1, 0)
    assert back.chunk(0).equals(EMPTY[name])
    assert grid_and_back(back)[0] == grid


# --- dictionaries -----------------------------------------------------------------------------------------


def encoded(
    indices: list[int | None], entries: list[str | None], type: pa.DataType | None = None
) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(indices, type or pa.int8()), pa.array(entries, pa.string())
    )


def test_dictionaries_of_chunks_are_unified_by_first_appearance(grid_and_back: Callable[..., Any]) -> None:
    chunks = pa.chunked_array([encoded([0, 1], ["a", "b"]), encoded([0, None, 1], ["c", "a"])])
    unified = encoded([0, 1, 2, None, 0], ["a", "b", "c"])
    grid, back = grid_and_back(chunks)
    assert grid == column(unified)
    assert back.equals(pa.chunked_array([unified]))
    assert grid == column(chunks.unify_dictionaries())


def test_entries_and_their_order_count_even_if_unused() -> None:
    grids = [encoded([0], ["a"]), encoded([0], ["a", "b"]), encoded([1], ["b", "a"]), encoded([], ["a"])]
    assert len({column(grid).digest for grid in grids}) == len(grids)


def test_repeated_entries_stay_and_chunks_share_them() -> None:
    chunk = encoded([0, 1, 2], ["a", "a", "b"])
    twice = pa.chunked_array([chunk, encoded([0, 1, 2], ["a", "a", "b"])])
    once = encoded([0, 1, 2, 0, 1, 2], ["a", "a", "b"])
    assert column(twice) == column(once)


def test_nulls_may_be_entries(grid_and_back: Callable[..., Any]) -> None:
    chunks = pa.chunked_array([encoded([0, None], [None]), encoded([1, 0], [None, "x"])])
    _, back = grid_and_back(chunks)
    assert back.to_pylist() == [None, None, "x", None]


def test_a_long_dictionary_has_several_blocks(grid_and_back: Callable[..., Any]) -> None:
    entries = pa.array(np.arange(200_000))
    array = pa.DictionaryArray.from_arrays(pa.array(np.arange(100_000, dtype=np.int32)), entries)
    grid, back = grid_and_back(array)
    assert len(grid.dictionaries[0].rows) > 2
    assert sum(grid.dictionaries[0].rows) == 200_000
    assert back.equals(pa.chunked_array([array]))


def test_different_dictionaries_at_one_address_are_told_apart() -> None:
    """A producer may release a batch and allocate the next one where it lay."""
    values = np.array([1, 2])

    def batches() -> Any:
        for number in (1, 5, 9):
            values[:] = [number, number + 1]
            array = pa.DictionaryArray.from_arrays([0, 1], pa.array(values.copy()))
            yield pa.record_batch([array], ["d"])

    schema = pa.schema([("d", pa.dictionary(pa.int64(), pa.int64()))])
    grid = _arrow.stream_grid(pa.RecordBatchReader.from_batches(schema, batches()).__arrow_c_stream__())
    whole = pa.DictionaryArray.from_arrays([0, 1, 2, 3, 4, 5], pa.array([1, 2, 5, 6, 9, 10]))
    assert grid.columns[0] == column(whole)
