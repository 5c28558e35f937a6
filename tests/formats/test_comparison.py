"""Two stored values compared by their manifests: what is said differs, and all that differs is said."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_core.engine._hash import xxh3_128
from mlops_core.formats import Artifact, save
from mlops_core.formats.comparison import compare
from mlops_core.formats.differences import ArtifactDiff, Span

ROWS = 400_000


def stored(value: object, shelf: Any) -> Artifact:
    artifact: Artifact = shelf.put(value)
    return artifact


def compared(shelf: Any, before: object, after: object) -> ArtifactDiff:
    diff = compare(stored(before, shelf), stored(after, shelf))
    json.dumps(diff.as_json())
    return diff


def numbers(rows: int = ROWS) -> np.ndarray[Any, Any]:
    return np.random.default_rng(5).integers(0, 1 << 60, rows)


def table(rows: int = ROWS) -> pa.Table:
    values = numbers(rows)
    return pa.table({"n": values, "f": values / 7, "t": [f"word {i % 9973}" for i in values]})


def inserted(value: pa.Table, at: int, rows: int) -> pa.Table:
    return pa.concat_tables([value.slice(0, at), value.slice(1, rows), value.slice(at)])


def without(value: pa.Table, at: int, rows: int) -> pa.Table:
    return pa.concat_tables([value.slice(0, at), value.slice(at + rows)])


# --- arrays -------------------------------------------------------------------------------------------


def test_equal_values_differ_in_nothing(shelf: Any) -> None:
    diff = compared(shelf, numbers(), numbers())
    assert diff.equal
    assert diff.bytes == (8 * ROWS, 8 * ROWS, 8 * ROWS)


def test_an_array_with_one_changed_item(shelf: Any) -> None:
    after = numbers().reshape(-1, 4).copy()
    after[50_000, 2] = 0
    diff = compared(shelf, numbers().reshape(-1, 4), after)
    (span,) = diff.spans
    assert span.kind == "changed"
    assert span.before[0] <= 50_000 < span.before[1]
    assert span.before[1] - span.before[0] == (1 << 20) // 32
    assert diff.bytes.shared == 8 * ROWS - (1 << 20)
    assert not diff.equal


def test_an_array_that_grew(shelf: Any) -> None:
    diff = compared(shelf, numbers(), np.concatenate([numbers(), numbers(1000)]))
    whole = 8 * ROWS >> 20 << 17
    assert diff.rows == (ROWS, ROWS + 1000)
    assert diff.spans == (Span((whole, ROWS), (whole, ROWS + 1000)),)
    assert diff.facts == (("shape", [ROWS], [ROWS + 1000]),)
    assert diff.bytes.shared == 8 * whole


@pytest.mark.parametrize(
    ("before", "after", "facts"),
    [
        (np.zeros(9), np.zeros(9, "f4"), ["dtype"]),
        (np.zeros(9), np.zeros((3, 3)), ["shape"]),
        (np.float64(1) * np.ones(()), np.zeros(()), []),
        (np.zeros((0, 3)), np.zeros((2, 3)), ["shape"]),
    ],
)
def test_arrays_of_other_types_and_shapes(shelf: Any, before: Any, after: Any, facts: list[str]) -> None:
    assert [name for name, _, _ in compared(shelf, before, after).facts] == facts


# --- tables -------------------------------------------------------------------------------------------


def test_columns_added_removed_and_changed(shelf: Any) -> None:
    before = table()
    other = before["f"].to_numpy().copy()
    other[7] = -1.0
    after = pa.table({"t": before["t"], "f": other, "new": numbers()})
    diff = compared(shelf, before, after)
    assert {c.name: c.kind for c in diff.columns} == {"f": "content", "new": "added", "n": "removed"}
    assert diff.facts == (("order", ["f", "t"], ["t", "f"]),)
    (span,) = next(c for c in diff.columns if c.name == "f").spans
    assert span.before[0] <= 7 < span.before[1] < ROWS
    assert diff.spans == ()
    assert not diff.equal


@pytest.mark.parametrize("at", [0, 1000, 200_000, ROWS])
def test_rows_inserted_are_found_in_all_columns(shelf: Any, at: int) -> None:
    diff = compared(shelf, table(), inserted(table(), at, 500))
    assert diff.rows == (ROWS, ROWS + 500)
    (span,) = diff.spans
    assert span.net == 500
    assert span.before[0] <= at <= span.before[1]
    assert span.after[0] <= at <= span.after[1]


def test_rows_deleted_are_found_in_all_columns(shelf: Any) -> None:
    diff = compared(shelf, table(), without(table(), 100_000, 50))
    (span,) = diff.spans
    assert span.net == -50
    assert span.before[0] <= 100_000 < span.before[1]


def test_rows_inserted_in_two_places(shelf: Any) -> None:
    diff = compared(shelf, table(), inserted(inserted(table(), 350_000, 7), 5, 3))
    assert [span.net for span in diff.spans] == [3, 7]
    assert diff.bytes.shared > 0


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("ids"), st.integers(0, 200_000), st.integers(1, 3000)), max_size=4))
def test_whatever_differs_lies_in_a_span(shelf: Any, edits: list[tuple[str, int, int]]) -> None:
    """Rows outside the spans are the same, one by one."""
    before = pa.table({"n": numbers(200_000)})
    after = before
    for kind, place, most in edits:
        at = min(place, after.num_rows)
        rows = min(most, after.num_rows - at)
        if kind == "s":
            changed = after["n"].to_numpy().copy()
            changed[at : at + rows] += 1
            after = pa.table({"n": changed})
        else:
            after = inserted(after, at, rows) if kind == "i" else without(after, at, rows)
    diff = compared(shelf, before, after)
    spans = [span for column in diff.columns for span in column.spans]
    old, new = np.array(before["n"]), np.array(after["n"])
    kept, wanted = np.ones(len(old), bool), np.ones(len(new), bool)
    for span in spans:
        kept[slice(*span.before)], wanted[slice(*span.after)] = False, False
    assert np.array_equal(old[kept], new[wanted])


def test_rows_appended_and_a_column_changed(shelf: Any) -> None:
    """The block that changed lies before the rows that came: both are said."""
    before = pd.DataFrame({"a": numbers(), "b": numbers()})
    after = pd.concat([before, before.head(5)], ignore_index=True)
    after.loc[300_000, "b"] = 0
    diff = compared(shelf, before, after)
    whole = 3 << 17
    assert diff.spans == (Span((whole, ROWS), (whole, ROWS + 5)),)
    assert [c.spans for c in diff.columns] == [
        diff.spans,
        (Span((2 << 17, whole), (2 << 17, whole)), *diff.spans),
    ]


def test_columns_of_another_type(shelf: Any) -> None:
    before = pa.table({"a": [1, 2], "b": ["x", "y"]})
    diff = compared(shelf, before, before.set_column(0, "a", pa.array([1.0, 2.0])))
    (column,) = diff.columns
    assert (column.name, column.kind, column.types) == ("a", "type", ("int64", "double"))
    assert 0 < diff.bytes.shared < diff.bytes.after


def test_dictionaries_count_for_all_rows(shelf: Any) -> None:
    before, after = (pa.table({"d": pa.array([first, "b", first]).dictionary_encode()}) for first in "ax")
    (column,) = compared(shelf, before, after).columns
    assert column.spans == (Span((0, 3), (0, 3)),)


def test_columns_of_one_name(shelf: Any) -> None:
    before = pa.table([pa.array([1]), pa.array([2])], ["a", "a"])
    after = pa.table([pa.array([1]), pa.array([3])], ["a", "a"])
    assert [c.name for c in compared(shelf, before, after).columns] == ["a"]


def test_polars_frames(shelf: Any) -> None:
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    diff = compared(shelf, frame, frame.with_columns(pl.Series("b", ["x", "z"])))
    assert [c.name for c in diff.columns] == ["b"]


# --- pandas -------------------------------------------------------------------------------------------


def frame() -> pd.DataFrame:
    made = pd.DataFrame({"n": numbers(), "f": numbers() / 7, "b": numbers() % 2 == 0})
    made["c"] = pd.Categorical(repeated(["x", "y", "z"]))
    made["i"] = pd.array(repeated([1, 2, 3, None, 4]), "Int64")
    made["t"] = pd.array(repeated(["a", "b", None, "c", "d"]), "str")
    made["o"] = pd.Series(repeated(["a", None]), dtype=object)
    return made


def repeated(values: list[Any]) -> list[Any]:
    return [values[i % len(values)] for i in range(ROWS)]


@pytest.mark.parametrize("name", ["n", "f", "b", "c", "i", "t"])
def test_a_changed_value_in_a_column_of_a_frame(shelf: Any, name: str) -> None:
    after = frame()
    values = after[name].tolist()
    after.loc[300_000, name] = next(v for v in values if pd.notna(v) and v != values[300_000])
    diff = compared(shelf, frame(), after)
    (column,) = diff.columns
    assert (column.name, column.kind) == (name, "content")
    assert column.spans[0].before[0] <= 300_000 < column.spans[-1].before[1]
    assert not diff.parts


def test_frames_with_other_types_labels_and_attributes(shelf: Any) -> None:
    before = frame()
    after = before.rename(columns={"n": "m"}).astype({"f": "float32", "c": object})
    after.attrs["a"] = 1
    after.index = after.index + 1
    diff = compared(shelf, before, after)
    assert {c.name: c.kind for c in diff.columns} == {"m": "added", "n": "removed", "f": "type", "c": "type"}
    assert [c.types for c in diff.columns if c.name == "f"] == [("<f8", "<f4")]
    assert [part.name for part in diff.parts] == ["attributes"]
    series = compared(shelf, before["f"], before["f"] + 1)
    assert [c.name for c in series.columns] == ["f"]


def test_a_frame_that_grew(shelf: Any) -> None:
    after = pd.concat([frame(), frame().head(100)], ignore_index=True)
    diff = compared(shelf, frame()[["n", "b"]], after[["n", "b"]])
    assert diff.rows == (ROWS, ROWS + 100)
    assert [span.net for span in diff.spans] == [100]
    assert not diff.parts


def test_another_index(shelf: Any) -> None:
    before = pd.DataFrame({"a": [1, 2]}, index=["x", "y"])
    diff = compared(shelf, before, before.set_axis(["x", "z"]))
    assert [(part.name, part.kind) for part in diff.parts] == [("index", "changed")]


# --- everything else ----------------------------------------------------------------------------------


class Model:
    def __init__(self, *weights: Any) -> None:
        self.weights = weights


def test_pickles_by_buffer(shelf: Any) -> None:
    first, second = numbers(), numbers() + 1
    changed = second.copy()
    changed[-1] = 5
    diff = compared(shelf, Model(first, second), Model(first, changed, first[:1000]))
    assert [(part.name, part.kind) for part in diff.parts] == [
        ("stream", "changed"),
        ("buffer 1", "changed"),
        ("buffer 2", "added"),
    ]
    inner = diff.parts[1].diff
    assert inner is not None
    assert inner.spans == (Span((3 << 20, 8 * ROWS), (3 << 20, 8 * ROWS)),)
    assert diff.bytes.shared == 8 * ROWS + (3 << 20)


def test_composites_by_key(shelf: Any) -> None:
    before = {"x": {"a": numbers(), "b": 1}, "gone": 1, "same": numbers()}
    after = {"x": {"a": numbers() + 1, "b": 1}, "same": numbers(), "new": 2}
    diff = compared(shelf, before, after)
    assert [(part.name, part.kind) for part in diff.parts] == [
        ("x", "changed"),
        ("new", "added"),
        ("gone", "removed"),
    ]
    inner = diff.parts[0].diff
    assert inner is not None
    assert [part.name for part in inner.parts] == ["a"]


def test_other_types_and_plain_values(shelf: Any) -> None:
    assert compared(shelf, numbers(), "text").types == ("numpy.ndarray", "str")
    diff = compared(shelf, 1, 2)
    assert diff.types == ("int", "int")


class Shelved:
    """The listings of what lies on a shelf."""

    def __init__(self, shelf: Any) -> None:
        self.store = shelf.store
        self.lost: set[str] = set()

    def entries(self, artifact: Artifact) -> list[list[Any]]:
        cells: Any = artifact.manifest["listing"]
        found: list[list[Any]] = json.loads(bytes(self.store.buffer([bytes.fromhex(c) for c in cells])))
        return found

    def lengths(self, cells: Sequence[str]) -> dict[str, int]:
        return {c: self.store.buffer([bytes.fromhex(c)]).nbytes for c in cells if c not in self.lost}


def test_files_by_name_and_bytes(shelf: Any, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "same").write_bytes(b"same")
    (folder / "big").write_bytes(numbers().tobytes())
    (folder / "gone").write_bytes(b"")
    before = shelf.put(folder, lambda path: True)
    (folder / "gone").unlink()
    (folder / "new").write_bytes(b"new")
    (folder / "big").write_bytes(numbers().tobytes() + b"more")
    after = shelf.put(folder, lambda path: True)
    assert compare(before, after).parts == ()
    listings = Shelved(shelf)
    diff = compare(before, after, listings)
    assert {(p.name, p.kind) for p in diff.parts} == {
        ("big", "changed"),
        ("new", "added"),
        ("gone", "removed"),
    }
    inner = next(part.diff for part in diff.parts if part.name == "big")
    assert inner is not None
    assert inner.spans[0].before[0] > 1 << 20
    assert inner.spans[-1].after[1] == 8 * ROWS + 4
    assert diff.bytes.shared > 1 << 20
    one = [shelf.put(folder / name, lambda path: True) for name in ("big", "new")]
    assert compare(*one, listings).spans
    listings.lost = set(listings.entries(before)[1][4][-1:])
    whole = next(part.diff for part in compare(before, after, listings).parts if part.name == "big")
    assert whole is not None
    assert whole.spans == (Span((0, 8 * ROWS), (0, 8 * ROWS + 4)),)


# --- size ---------------------------------------------------------------------------------------------


def synthetic(columns: int, blocks: list[int]) -> dict[str, Any]:
    """A manifest of as many columns, each of blocks with these numbers, of 100,000 rows and three buffers."""
    entries = [
        {
            "name": f"c{c}",
            "rows": [100_000] * len(blocks),
            "cells": [[xxh3_128(f"{c}.{b}.{i}".encode()).hex() for i in range(3)] for b in blocks],
        }
        for c in range(columns)
    ]
    return {"schema": [], "rows": 100_000 * len(blocks), "columns": entries}


def test_a_table_of_ten_gigabytes() -> None:
    before, after = list(range(500)), [*range(50), 1000, *range(51, 200), *range(210, 500), *range(600, 605)]
    artifacts = [
        Artifact(bytes([n]) * 16, "table/1", "pyarrow.Table", synthetic(20, blocks), 10 * 2**30)
        for n, blocks in enumerate((before, after))
    ]
    diff = compare(*artifacts)
    assert len(diff.columns) == 20
    assert diff.columns[0].spans == (
        Span((5_000_000, 5_100_000), (5_000_000, 5_100_000)),
        Span((20_000_000, 21_000_000), (20_000_000, 20_000_000)),
        Span((50_000_000, 50_000_000), (49_000_000, 49_500_000)),
    )
    assert [span.net for span in diff.spans] == [-1_000_000, 500_000]
    assert 0.98 < diff.bytes.shared / (10 * 2**30) < 1


def test_saving_is_not_needed_to_compare() -> None:
    artifact = save(np.arange(3), lambda digest, pieces: None, fingerprint)
    assert compare(artifact, artifact).equal


def fingerprint(value: object) -> Any:
    raise AssertionError(value)
