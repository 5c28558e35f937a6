"""What the store handed out is known again without being read, and nothing else is mistaken for it."""

import gc
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlops_core.engine import _arrays, _arrow, handed_out
from mlops_core.engine._arrays import array_grid
from mlops_core.fingerprints.values import value_digest


@pytest.fixture
def recalled(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each look at the registry found something."""
    seen: list[bool] = []
    recall = handed_out.recall

    def watched(layout: Any) -> Any:
        found = recall(layout)
        seen.append(found is not None)
        return found

    monkeypatch.setattr(handed_out, "recall", watched)
    return seen


def numbers() -> Any:
    return (np.arange(3 << 17) * 7919).reshape(3, -1)


def fresh(array: Any) -> bytes:
    """The digest by reading: a copy was never handed out."""
    return array_grid(array).digest


def test_a_loaded_array_is_known_again(shelf: Any, recalled: list[bool]) -> None:
    loaded = shelf.take(shelf.put(numbers()))
    assert value_digest(loaded) == fresh(numbers())
    assert value_digest([1, {"a": loaded}]) == value_digest([1, {"a": numbers()}])
    assert recalled == [True, True]


def test_the_same_bytes_under_another_name_are_known_again(shelf: Any, recalled: list[bool]) -> None:
    loaded = shelf.take(shelf.put(numbers()))
    assert value_digest(loaded[:]) == value_digest(loaded.view()) == fresh(numbers())
    assert recalled == [True, True]


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a[1:],
        lambda a: a[:-1],
        lambda a: a[:, ::2],
        lambda a: a[::-1],
        lambda a: a.T,
        lambda a: a.reshape(-1),
        lambda a: a.reshape(6, -1),
        lambda a: a.view("<u8"),
        lambda a: a.view("<f8"),
        lambda a: a.view(">i8"),
        lambda a: a.view([("x", "<i8")]),
        lambda a: np.lib.stride_tricks.as_strided(a, a.shape, (8, 8)),
        lambda a: np.broadcast_to(a, (1, *a.shape)),
    ],
)
def test_other_views_of_its_memory_are_read(shelf: Any, recalled: list[bool], change: Any) -> None:
    loaded = shelf.take(shelf.put(numbers()))
    view = change(loaded)
    assert value_digest(view) == fresh(change(numbers()))
    assert True not in recalled


def test_a_writable_array_is_never_known(shelf: Any, recalled: list[bool]) -> None:
    artifact = shelf.put(numbers())
    for loaded in (shelf.take(artifact, writable=True), shelf.take(artifact).copy()):
        assert value_digest(loaded) == artifact.digest
        loaded[0, 0] = 5
        assert value_digest(loaded) != artifact.digest
    assert True not in recalled


def test_a_writable_array_made_read_only_may_have_changed_before(shelf: Any, recalled: list[bool]) -> None:
    artifact = shelf.put(numbers())
    loaded = shelf.take(artifact, writable=True)
    loaded.flags.writeable = False
    assert value_digest(loaded) == artifact.digest
    loaded.flags.writeable = True
    loaded[0, 0] = 5
    loaded.flags.writeable = False
    assert value_digest(loaded) != artifact.digest
    assert True not in recalled


def test_what_was_handed_out_is_forgotten_with_its_memory(shelf: Any) -> None:
    gc.collect()
    before = len(handed_out._entries)
    first, second = shelf.put(numbers()), shelf.put(numbers() + 1)
    loaded = shelf.take(first)
    address = loaded.__array_interface__["data"][0]
    assert len(handed_out._entries) == before + 1
    del loaded
    assert len(handed_out._entries) == before
    for _ in range(20):  # the map that follows mostly lies where the first one lay
        other = shelf.take(second)
        assert value_digest(other) == second.digest
        if other.__array_interface__["data"][0] == address:
            break


def test_an_entry_whose_owner_is_another_object_is_not_believed(shelf: Any) -> None:
    loaded, other = shelf.take(shelf.put(numbers())), shelf.take(shelf.put(numbers() + 1))
    layout = next(key for key in handed_out._entries if key_is_of(key, other))
    handed_out._note([loaded.base], layout, bytes(16))
    assert value_digest(other) == fresh(numbers() + 1)


def key_is_of(key: Any, array: Any) -> bool:
    return isinstance(key, tuple) and key[0] == array.__array_interface__["data"][0]


def test_a_dtype_renamed_in_place_is_noticed(shelf: Any) -> None:
    array = np.zeros(1 << 17, [("a", "<i8"), ("b", "<i8")])
    loaded = shelf.take(shelf.put(array))
    loaded.dtype.names = ("b", "a")
    assert value_digest(loaded) == value_digest(array.view([("b", "<i8"), ("a", "<i8")]))


def test_memory_of_others_is_not_noted() -> None:
    before = dict(handed_out._entries)
    data = np.frombuffer(bytes(1 << 20), "<i8")
    for array in (data, np.zeros(1 << 17)):
        _arrays.remember(array, bytes(16))
    assert handed_out._entries == before


# --- tables -------------------------------------------------------------------------------------------


def table() -> pa.Table:
    rows = 100_000
    text = pa.array([f"word {i % 977}" if i % 5 else None for i in range(rows)])
    return pa.table(
        {
            "n": pa.array(np.arange(rows) * 7919),
            "f": pa.array(np.arange(rows) / 7, mask=np.arange(rows) % 3 == 0),
            "t": text,
            "v": text.cast(pa.string_view()),
            "l": pa.array([[i, i + 1] for i in range(rows)]),
            "s": pa.StructArray.from_arrays([pa.array(np.arange(rows)), text], ["a", "b"]),
        }
    )


def by_reading(value: pa.Table) -> bytes:
    return _arrow.stream_grid(value.__arrow_c_stream__()).digest


def test_a_loaded_table_is_known_again(shelf: Any, recalled: list[bool]) -> None:
    loaded = shelf.take(shelf.put(table()))
    assert value_digest(loaded) == by_reading(table()) == by_reading(loaded)
    assert recalled == [True]


@pytest.mark.parametrize(
    ("change", "known"),
    [
        (lambda t: t.select(["t", "n"]), 2),
        (lambda t: t.drop_columns(["n"]), 5),
        (lambda t: t.rename_columns(list("uvwxyz")), 6),
        (lambda t: t.replace_schema_metadata({"a": "b"}), 6),
        (lambda t: t.append_column("new", pa.array(np.arange(t.num_rows))), 6),
        (lambda t: t.set_column(0, "n", pa.array(np.arange(t.num_rows))), 5),
        (lambda t: t.slice(0, t.num_rows), 6),
        (lambda t: t.slice(1), 0),
        (lambda t: t.slice(0, t.num_rows - 1), 0),
        (lambda t: t.select(["n"]).take(list(range(t.num_rows))), 0),
        (lambda t: pa.concat_tables([t, t]), 0),
        (lambda t: t.select(["n"]).cast(pa.schema([("n", pa.timestamp("us"))])), 0),
        (lambda t: pa.table({"n": t["n"].combine_chunks()}), 0),
    ],
)
def test_columns_of_a_loaded_table_are_known_again(
    shelf: Any, recalled: list[bool], change: Any, known: int
) -> None:
    loaded = change(shelf.take(shelf.put(table())))
    assert value_digest(loaded) == by_reading(loaded) == by_reading(change(table()))
    assert recalled.count(True) == known


def encoded() -> pa.Table:
    """Dictionaries of their own and shared, and one inside another type."""
    words = table()["t"].dictionary_encode()
    inside = pa.StructArray.from_arrays([words.combine_chunks()], ["w"])
    return pa.table({"d": words, "n": table()["n"], "s": inside})


@pytest.mark.parametrize(
    ("change", "known"),
    [
        (lambda t: t.select(["d"]), 1),
        (lambda t: t.select(["n", "d"]), 2),
        (lambda t: t.select(["s"]), 0),
        (lambda t: t.append_column("more", t["n"]), 3),
        (lambda t: t.select(["d"]).slice(1), 0),
        (lambda t: pa.table({"d": other_entries(t["d"])}), 0),
    ],
)
def test_columns_with_dictionaries(shelf: Any, recalled: list[bool], change: Any, known: int) -> None:
    loaded = change(shelf.take(shelf.put(encoded())))
    assert value_digest(loaded) == by_reading(loaded) == by_reading(change(encoded()))
    assert recalled.count(True) == known


def other_entries(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same indices, in the same memory, into other entries."""
    return pa.chunked_array(
        [
            pa.DictionaryArray.from_arrays(
                chunk.indices, pa.array([f"{w}!" for w in chunk.dictionary.to_pylist()])
            )
            for chunk in column.chunks
        ]
    )


def test_batches_and_columns_by_themselves(shelf: Any, recalled: list[bool]) -> None:
    whole = table().combine_chunks()
    short = whole.slice(0, 20_000)
    for value in (short.to_batches()[0], whole["n"], whole["t"], short["n"].chunk(0)):
        loaded = shelf.take(shelf.put(value))
        del recalled[:]
        assert value_digest(loaded) == value_digest(copied(value))
        assert True in recalled
    column = shelf.take(shelf.put(whole))["f"]
    del recalled[:]
    assert value_digest(column) == value_digest(copied(whole["f"]))
    assert recalled == [True, False]


def copied(value: Any) -> Any:
    """The same elsewhere: read back from a message in memory."""
    if isinstance(value, pa.RecordBatch):
        return pa.RecordBatch.from_pydict(value.to_pydict(), schema=value.schema)
    made = pa.array(value.to_pylist(), value.type)
    return pa.chunked_array([made]) if isinstance(value, pa.ChunkedArray) else made


@pytest.mark.parametrize(
    ("change", "known"),
    [
        (lambda f: f, 4),
        (lambda f: pl.DataFrame([f["n"], f["m"]]), 2),
        (lambda f: f.clone(), 4),
        (lambda f: f.rename({"n": "o"}), 4),
        (lambda f: f.hstack([pl.Series("more", np.arange(f.height))]), 4),
        (lambda f: f.slice(1), 0),
        (lambda f: f.rechunk().select("n"), 0),
        (lambda f: f["n"], 1),
        (lambda f: f.select(pl.col("n").cast(pl.UInt64)), 0),
        (lambda f: f.select(pl.col("n").cast(pl.Datetime("us"))), 0),
        (lambda f: f.sort("n", descending=True), 0),
    ],
)
def test_polars_frames(shelf: Any, recalled: list[bool], change: Any, known: int) -> None:
    rows = 300_000
    frame = pl.DataFrame(
        {
            "n": np.arange(rows) * 7919,
            "f": np.arange(rows) / 7,
            "t": [f"word {i % 977}" for i in range(rows)],
            "m": [i if i % 5 else None for i in range(rows)],
        }
    )
    loaded = change(shelf.take(shelf.put(frame)))
    del recalled[:]
    assert value_digest(loaded) == value_digest(change(frame))
    assert recalled.count(True) == known


def test_a_polars_frame_written_to_is_not_taken_for_what_it_was(shelf: Any) -> None:
    frame = pl.DataFrame({"n": np.arange(300_000), "f": np.arange(300_000) / 7})
    artifact = shelf.put(frame)
    loaded = shelf.take(artifact)
    loaded[5, "n"] = -1
    assert value_digest(loaded) != artifact.digest
    assert value_digest(shelf.take(artifact)) == artifact.digest


def test_text_columns_of_a_pandas_frame(shelf: Any, recalled: list[bool]) -> None:
    """pandas never writes into Arrow's memory: it puts another column in its place."""
    frame = pd.DataFrame({"t": [f"word {i % 977}" for i in range(100_000)], "n": np.arange(100_000)})
    artifact = shelf.put(frame)
    loaded = shelf.take(artifact)
    assert value_digest(loaded) == artifact.digest
    assert recalled.count(True) == 1
    loaded.loc[5, "t"] = "other"
    assert value_digest(loaded) != artifact.digest
    assert value_digest(shelf.take(artifact)) == artifact.digest


def test_tables_are_forgotten_with_their_memory(shelf: Any) -> None:
    gc.collect()
    before = len(handed_out._entries)
    loaded = shelf.take(shelf.put(table()))
    part = loaded.select(["n"])
    assert len(handed_out._entries) == before + 7
    del loaded
    gc.collect()
    assert value_digest(part) == by_reading(table().select(["n"]))
    del part
    gc.collect()
    assert len(handed_out._entries) == before


def test_small_tables_are_right(shelf: Any) -> None:
    for value in (pa.table({"a": [1, None], "b": ["x", "y"]}), pa.table({}), table().slice(0, 0)):
        assert value_digest(shelf.take(shelf.put(value))) == by_reading(value)
