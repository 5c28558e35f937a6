"""Arrow and polars data come back equal, with their schema, over the store's maps."""

import datetime
import decimal
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_core.errors import UnstorableValue
from mlops_core.fingerprints.values import value_fingerprint
from mlops_core.formats import save

SETTINGS = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80
)

COLUMNS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "int": (pa.int32(), st.integers(-(2**31), 2**31 - 1)),
    "float": (pa.float64(), st.floats(allow_nan=False)),
    "bool": (pa.bool_(), st.booleans()),
    "text": (pa.string(), st.text(st.characters(codec="utf-8"), max_size=20)),
    "view": (pa.string_view(), st.text(st.characters(codec="utf-8"), max_size=20)),
    "bytes": (pa.large_binary(), st.binary(max_size=20)),
    "fixed": (pa.binary(3), st.binary(min_size=3, max_size=3)),
    "null": (pa.null(), st.none()),
    "day": (pa.date32(), st.dates()),
    "time": (
        pa.timestamp("us", "UTC"),
        st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1)),
    ),
    "money": (
        pa.decimal128(12, 2),
        st.integers(-(10**9), 10**9).map(lambda n: decimal.Decimal(n).scaleb(-2)),
    ),
    "list": (pa.list_(pa.int16()), st.lists(st.none() | st.integers(-9, 9), max_size=4)),
    "struct": (
        pa.struct([("a", pa.int8()), ("b", pa.string())]),
        st.fixed_dictionaries({"a": st.none() | st.integers(-9, 9), "b": st.none() | st.sampled_from("xyz")}),
    ),
    "word": (pa.dictionary(pa.int8(), pa.string()), st.sampled_from(["red", "green", "blue"])),
    "words": (pa.list_(pa.dictionary(pa.int16(), pa.string())), st.lists(st.sampled_from("abc"), max_size=3)),
    "map": (
        pa.map_(pa.string(), pa.int32()),
        st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9)), max_size=2),
    ),
}


def chunked(kind: pa.DataType, rows: list[Any], cut: int) -> pa.ChunkedArray:
    return pa.chunked_array([_array(rows[:cut], kind), _array(rows[cut:], kind)], kind)


def _array(rows: list[Any], kind: pa.DataType) -> pa.Array:
    if kind == COLUMNS["words"][0]:
        flat = [word for row in rows for word in row or []]
        lengths = [len(row or []) for row in rows]
        offsets = pa.array([0, *np.cumsum(lengths)], pa.int32())
        mask = pa.array([row is None for row in rows], pa.bool_())
        return pa.ListArray.from_arrays(offsets, pa.array(flat, kind.value_type), kind, mask=mask)
    return pa.array(rows, kind)


@SETTINGS
@given(data=st.data(), names=st.lists(st.sampled_from(list(COLUMNS)), unique=True, max_size=5))
def test_any_table(shelf: Any, data: st.DataObject, names: list[str]) -> None:
    rows = data.draw(st.integers(0, 8))
    columns = []
    for name in names:
        kind, values = COLUMNS[name]
        column = data.draw(st.lists(st.none() | values, min_size=rows, max_size=rows))
        columns.append(chunked(kind, column, data.draw(st.integers(0, rows))))
    metadata = data.draw(st.none() | st.just({b"unit": b"m"}))
    fields = [pa.field(name, COLUMNS[name][0], metadata={b"k": b"v"}) for name in names]
    table = pa.table(columns, schema=pa.schema(fields, metadata=metadata))
    loaded = shelf.there_and_back(table, "table/1")
    loaded.validate(full=True)
    assert loaded.schema.equals(table.schema, check_metadata=True)
    assert loaded.to_pylist() == table.to_pylist()
    assert loaded.num_rows == table.num_rows


def big_table() -> pa.Table:
    return pa.table(
        {
            "n": np.arange(200_000),
            "x": np.arange(200_000) / 7,
            "s": [f"word {n % 1000}" for n in range(200_000)],
        }
    )


def test_a_large_table_is_mapped_with_the_same_chunks_whatever_its_history(shelf: Any) -> None:
    table = big_table()
    shelf.put(table.slice(0, 131_072))
    loaded = shelf.there_and_back(table, "table/1")
    alone = shelf.take(shelf.put(pa.concat_tables([table.slice(0, 7), table.slice(7)])))
    assert loaded.equals(table)
    for name in table.column_names:
        assert loaded[name].num_chunks > 1
        assert [len(c) for c in alone[name].chunks] == [len(c) for c in loaded[name].chunks]
    allocated = pa.total_allocated_bytes()
    again = shelf.take(shelf.put(table))
    assert pa.total_allocated_bytes() - allocated < 100_000
    assert again.equals(table)


def test_handed_out_buffers_are_read_only_and_outlive_their_file(shelf: Any) -> None:
    table = big_table()
    loaded = shelf.take(shelf.put(table))
    assert not any(b.is_mutable for chunk in loaded["n"].chunks for b in chunk.buffers() if b)
    for path in (shelf.folder / "objects").iterdir():
        path.unlink()
    assert loaded.equals(table)


@pytest.mark.parametrize("rows", [0, 5, 100_000])
def test_batches_arrays_and_columns_keep_their_kind(shelf: Any, rows: int) -> None:
    array = pa.array(range(rows), pa.int64())
    batch = pa.record_batch({"a": array}, metadata={"k": "v"})
    for value in (array, batch, pa.chunked_array([array, array]), array.dictionary_encode()):
        loaded = shelf.there_and_back(value, "table/1")
        assert isinstance(loaded, pa.Array) == isinstance(value, pa.Array)
        assert type(loaded) is type(value)
        assert loaded.equals(value)


def test_tables_without_columns_keep_their_length(shelf: Any) -> None:
    for table in (pa.table({}), big_table().select([]), pa.table({"a": [1]}).schema.empty_table()):
        loaded = shelf.there_and_back(table, "table/1")
        assert (loaded.num_rows, loaded.schema) == (table.num_rows, table.schema)


class Point(pa.ExtensionType):
    def __init__(self) -> None:
        super().__init__(pa.list_(pa.float64(), 2), "test.point")

    def __arrow_ext_serialize__(self) -> bytes:
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage: pa.DataType, serialized: bytes) -> "Point":
        return cls()


def test_extension_types(shelf: Any) -> None:
    pa.register_extension_type(Point())
    try:
        storage = pa.array([[1.0, 2.0], [3.0, 4.0]], pa.list_(pa.float64(), 2))
        table = pa.table({"p": pa.ExtensionArray.from_storage(Point(), storage)})
        loaded = shelf.there_and_back(table, "table/1")
        assert loaded.schema == table.schema
        assert loaded.equals(table)
    finally:
        pa.unregister_extension_type("test.point")


FRAME = pl.DataFrame(
    {
        "n": [1, None, 3],
        "s": ["a", None, "a long text that is not inlined"],
        "c": pl.Series(["x", "y", "x"], dtype=pl.Categorical),
        "e": pl.Series(["x", "y", "x"], dtype=pl.Enum(["y", "x"])),
        "l": [[1], [], None],
        "t": [datetime.datetime(2020, 1, 1), None, None],
        "d": pl.Series(["1.10", "2.00", None]).cast(pl.Decimal(10, 2)),
        "st": [{"a": 1}, {"a": None}, None],
    }
)


@pytest.mark.parametrize("name", FRAME.columns)
def test_polars_columns(shelf: Any, name: str) -> None:
    for value in (FRAME.select(name), FRAME[name], FRAME.select(name).clear()):
        loaded = shelf.there_and_back(value, "polars/1")
        assert type(loaded) is type(value)
        assert loaded.equals(value, null_equal=True)
        if isinstance(value, pl.DataFrame):
            assert loaded.schema == value.schema
        else:
            assert (loaded.name, loaded.dtype) == (value.name, value.dtype)


def test_polars_whole(shelf: Any) -> None:
    assert shelf.there_and_back(FRAME, "polars/1").equals(FRAME)
    assert shelf.there_and_back(pl.DataFrame(), "polars/1").equals(pl.DataFrame())


def test_polars_frames_do_not_write_through(shelf: Any) -> None:
    frame = pl.DataFrame({"n": range(100_000)})
    artifact = shelf.put(frame)
    loaded = shelf.take(artifact)
    loaded[0, "n"] = 77
    loaded = loaded.with_columns(pl.col("n") * 2)
    assert shelf.take(artifact).equals(frame)


def test_what_arrow_cannot_say_is_pickled(shelf: Any) -> None:
    series = pl.Series("wide", [1, 2], dtype=pl.Int128)
    with shelf.store.writer() as writer:
        artifact = save(series, writer, lambda value: value_fingerprint("any"))
        shelf.index.record(writer.commit())
    assert artifact.format == "pickle/1"
    assert shelf.take(artifact).equals(series)


def test_a_generator_of_batches_is_one_table(shelf: Any) -> None:
    table = big_table()
    artifact = shelf.put(batch for batch in table.to_batches(max_chunksize=30_000))
    assert artifact.format == "table/1"
    assert artifact.digest == value_fingerprint(table).digest
    assert shelf.take(artifact).equals(table)
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches())
    assert shelf.put(reader) == artifact


def test_batches_of_different_schemas_are_refused(shelf: Any) -> None:
    def batches() -> Any:
        yield pa.record_batch({"a": [1]})
        yield pa.record_batch({"b": ["x"]})

    with pytest.raises(UnstorableValue, match="item 1 of the generator, a pyarrow"):
        shelf.put(batches())
    with pytest.raises(UnstorableValue, match="item 1 of the generator, a int"):
        shelf.put(item for item in (pa.record_batch({"a": [1]}), 5))


def test_the_generators_own_exception_comes_through(shelf: Any) -> None:
    def batches() -> Any:
        yield pa.record_batch({"a": [1]})
        raise KeyError("from the step")

    with pytest.raises(KeyError, match="from the step"):
        shelf.put(batches())
