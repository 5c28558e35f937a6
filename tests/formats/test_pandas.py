"""pandas values come back exactly, fresh for each consumer, and versions share their columns."""

import datetime
import decimal
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_core.engine.pandas_trees import FEW_ROWS
from mlops_core.execution.loading import stored_cells
from mlops_core.fingerprints.values import value_digest, value_fingerprint

MOMENTS = [0, 10**18, -(10**17), 1]
NAMES = ["a", None]
HOLIDAYS = pd.offsets.CustomBusinessDay(holidays=["2020-01-01"])
PAYLOAD = np.array([0x7FF8000000000001, 0xFFF8000000000002, 0x3FF0000000000000], "<u8").view("<f8")


def repeated(values: Any, rows: int) -> Any:
    """``rows`` of the values, over and over."""
    return [values[i % len(values)] for i in range(rows)]


def zoned(rows: int, zone: Any, unit: Any) -> Any:
    numbers = np.array(repeated([0, 10**6, -5], rows), "i8")
    return pd.array(numbers, dtype=pd.DatetimeTZDtype(unit, zone))


Maker = Callable[[int], Any]
COLUMNS: dict[str, Maker] = {
    "int64": np.arange,
    "int8": lambda n: np.arange(n).astype("i1"),
    "swapped": lambda n: np.arange(n).astype(">i4"),
    "float": lambda n: np.array(repeated([0.5, -0.0, np.inf], n)),
    "nan kinds": lambda n: np.resize(PAYLOAD, n),
    "complex": lambda n: np.arange(n) * 1j,
    "bool": lambda n: np.arange(n) % 3 == 0,
    "moments": lambda n: np.array(repeated(MOMENTS, n)).view("M8[ns]"),
    "seconds": lambda n: np.array(repeated(MOMENTS, n)).view("M8[s]"),
    "spans": lambda n: np.array(repeated(MOMENTS, n)).view("m8[us]"),
    "utc": lambda n: zoned(n, datetime.UTC, "ns"),
    "berlin": lambda n: zoned(n, "Europe/Berlin", "us"),
    "offset": lambda n: zoned(n, datetime.timezone(datetime.timedelta(hours=3)), "ms"),
    "periods": lambda n: pd.PeriodIndex(repeated(["2020-01", None, "2021-05"], n), freq="M").array,
    "Int64": lambda n: pd.array(repeated([1, None, 2**60], n), "Int64"),
    "Float32": lambda n: pd.array(repeated([0.5, None], n), "Float32"),
    "NaN, not missing": lambda n: pd.arrays.FloatingArray(np.full(n, np.nan), np.arange(n) % 2 == 0),
    "boolean": lambda n: pd.array(repeated([True, None, False], n), "boolean"),
    "str": lambda n: pd.array(repeated(["a", None, "é" * 20], n), "str"),
    "string": lambda n: pd.array(repeated(["a", None, ""], n), "string[pyarrow]"),
    "string of objects": lambda n: pd.array(repeated(["a", None, ""], n), "string[python]"),
    "str of objects": lambda n: pd.array(repeated(["a", None], n), pd.StringDtype("python", np.nan)),
    "arrow int": lambda n: pd.array(repeated([1, None], n), pd.ArrowDtype(pa.int32())),
    "arrow lists": lambda n: pd.array(repeated([[1, 2], None, []], n), pd.ArrowDtype(pa.list_(pa.int8()))),
    "category": lambda n: pd.Categorical(repeated(["x", None, "y"], n), ["x", "unused", "y"]),
    "ordered": lambda n: pd.Categorical(repeated([3, 1], n), [3, 1, 2], ordered=True),
    "dates as categories": lambda n: pd.Categorical(repeated(list(pd.date_range("2020", periods=2)), n)),
    "intervals": lambda n: pd.arrays.IntervalArray.from_tuples(repeated([(0.0, 1.0), None], n), "left"),
    "sparse": lambda n: pd.arrays.SparseArray(repeated([0, 0, 1], n)),
    "text objects": lambda n: np.array(repeated(["a", None, "é\0"], n), object),
    "odd text": lambda n: np.array(repeated(["a", "\ud800"], n), object),
    "mixed": lambda n: np.array(repeated(["a", 1, None, np.nan, pd.NA, decimal.Decimal("1.0")], n), object),
    "dates": lambda n: np.array(repeated([datetime.date(2020, 1, 1), None], n), object),
}
INDEXES: dict[str, Maker] = {
    "range": lambda n: pd.RangeIndex(3, 3 + 2 * n, 2, name="r"),
    "numbers": lambda n: pd.Index(np.arange(n)[::-1] * 2, name=("a", 1)),
    "floats": lambda n: pd.Index(np.arange(n) / 2),
    "twice": lambda n: pd.Index(np.zeros(n, "i8")),
    "text": lambda n: pd.Index([f"row {i}" for i in range(n)], name="é"),
    "objects": lambda n: pd.Index([(i, "a") for i in range(n)], dtype=object, tupleize_cols=False),
    "days": lambda n: pd.date_range("2020", periods=n, freq="D", tz="Europe/Berlin"),
    "business days": lambda n: pd.date_range("2020", periods=n, freq=HOLIDAYS),
    "irregular": lambda n: pd.DatetimeIndex(np.array(repeated(MOMENTS, n)).view("M8[ns]")),
    "spans": lambda n: pd.timedelta_range("1s", periods=n, freq="3s"),
    "periods": lambda n: pd.period_range("2020", periods=n, freq="M", name="p"),
    "intervals": lambda n: pd.interval_range(0, n),
    "category": lambda n: pd.CategoricalIndex(repeated(["x", "y"], n), ["x", "y", "z"]),
    "masked": lambda n: pd.Index(pd.array(repeated([1, None], n), "Int64")),
    "several": lambda n: pd.MultiIndex.from_arrays([np.arange(n), repeated(["x", None], n)], names=NAMES),
    "unused level": lambda n: pd.MultiIndex.from_arrays([np.arange(n + 3), np.arange(n + 3)])[3:],
}  # fmt: skip


def series(kind: str, rows: int, index: Any = None) -> Any:
    """A column whose type pandas does not guess anew."""
    values = COLUMNS[kind](rows)
    return pd.Series(values, index, dtype=values.dtype, copy=False)


def same(left: Any, right: Any) -> bool:
    """Equal as pandas says, and in everything that pandas does not look at."""
    assert type(left) is type(right)
    if isinstance(left, pd.DataFrame):
        pd.testing.assert_frame_equal(left, right, check_exact=True, check_freq=True)
    elif isinstance(left, pd.Series):
        pd.testing.assert_series_equal(left, right, check_exact=True, check_freq=True)
    elif isinstance(left, pd.Index):
        pd.testing.assert_index_equal(left, right, check_exact=True)
        assert getattr(left, "freq", None) == getattr(right, "freq", None)
        return True
    assert left.attrs == right.attrs
    return bool(left.flags.allows_duplicate_labels == right.flags.allows_duplicate_labels)


def bits(frame: Any) -> Any:
    """The bytes of NumPy's columns, which tell kinds of NaN apart, and the objects in the others."""
    return [
        column.to_numpy().tobytes()
        if isinstance(column.dtype, np.dtype) and column.dtype != object
        else [(type(item), str(item)) for item in column]
        for _, column in frame.items()
    ]


@pytest.mark.parametrize("rows", [0, 3, 100, FEW_ROWS + 1])
@pytest.mark.parametrize("kind", COLUMNS)
def test_every_kind_of_column(shelf: Any, kind: str, rows: int) -> None:
    frame = pd.DataFrame({"c": series(kind, rows), "n": np.arange(rows)}, copy=False)
    loaded = shelf.there_and_back(frame, "pandas/1")
    assert same(loaded, frame)
    assert bits(loaded) == bits(frame)
    assert same(shelf.there_and_back(frame["c"], "pandas/1"), frame["c"])


@pytest.mark.parametrize("rows", [0, 3, FEW_ROWS + 1])
@pytest.mark.parametrize("kind", INDEXES)
def test_every_kind_of_index(shelf: Any, kind: str, rows: int) -> None:
    index = INDEXES[kind](rows)
    assert same(shelf.there_and_back(index, "pandas/1"), index)
    frame = pd.DataFrame({"n": np.arange(rows)}, index=index)
    assert same(shelf.there_and_back(frame, "pandas/1"), frame)


@pytest.mark.parametrize("kind", INDEXES)
def test_every_kind_of_column_labels(shelf: Any, kind: str) -> None:
    frame = pd.DataFrame(np.arange(12.0).reshape(2, 6), columns=INDEXES[kind](6))
    assert same(shelf.there_and_back(frame, "pandas/1"), frame)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(sorted(COLUMNS)), max_size=6),
    st.sampled_from(sorted(INDEXES)),
    st.integers(0, 70),
    st.booleans(),
)
def test_any_frame(shelf: Any, kinds: list[str], index: str, rows: int, unique: bool) -> None:
    rows_of = INDEXES[index](rows)
    frame = pd.DataFrame(
        {i: series(kind, rows, rows_of) for i, kind in enumerate(kinds)}, index=rows_of, copy=False
    )
    frame.columns = pd.Index([kind[:1] for kind in kinds], dtype=object, name="kind")
    frame.attrs = {"unit": "m", "made": datetime.date(2020, 1, 1), "deep": [1, {"a": np.arange(3)}]}
    if unique and frame.columns.is_unique and rows_of.is_unique:
        frame = frame.set_flags(allows_duplicate_labels=False)
    loaded = shelf.there_and_back(frame, "pandas/1")
    attrs = loaded.attrs.pop("deep")
    assert np.array_equal(attrs[1].pop("a"), frame.attrs.pop("deep")[1].pop("a"))
    assert same(loaded, frame)
    assert bits(loaded) == bits(frame)


def wide(rows: int = 400_000) -> pd.DataFrame:
    numbers = np.random.default_rng(7).integers(0, 1 << 60, (5, rows))
    return pd.DataFrame({f"c{i}": row for i, row in enumerate(numbers)})


def test_each_consumer_changes_its_own(shelf: Any) -> None:
    frame = wide()
    artifact = shelf.put(frame)
    first, second = shelf.take(artifact), shelf.take(artifact)
    first.iloc[0, 0] = -1
    first["c1"] += 1
    first.loc[5, "c2"] = -1
    first.attrs["a"] = 1
    assert same(second, frame)
    assert same(shelf.take(artifact), frame)
    assert value_digest(first) != artifact.digest


def test_loading_copies_nothing(shelf: Any) -> None:
    loaded = shelf.take(shelf.put(wide()))
    for _, column in loaded.items():
        base: Any = column.to_numpy()
        while isinstance(base, np.ndarray):
            base = base.base
        assert not base.copied
    assert len(loaded._mgr.blocks) == 5


def test_a_new_column_is_all_that_is_written(shelf: Any) -> None:
    frame = wide()
    shelf.put(frame)
    before = shelf.store.status().bytes
    frame.insert(0, "new", np.arange(len(frame)) * 3)
    shelf.put(frame)
    assert shelf.store.status().bytes - before < 1.05 * 8 * len(frame)


def test_what_is_equal_stays_when_rows_are_appended(shelf: Any) -> None:
    frame = wide()
    old = shelf.put(frame)
    new = shelf.put(pd.concat([frame, frame.head(4000)], ignore_index=True))
    for name, child in old.children.items():
        if child.format.startswith("array/"):
            cells: Any = child.manifest["cells"]
            assert cells[:-1] == new.children[name].manifest["cells"][: len(cells) - 1]


def test_the_layout_does_not_depend_on_history(shelf: Any) -> None:
    values = np.asfortranarray(np.random.default_rng(1).random((FEW_ROWS + 5, 3)))
    by_row = pd.DataFrame(np.ascontiguousarray(values), columns=list("abc"), copy=False)
    by_column = pd.DataFrame({name: values[:, i] for i, name in enumerate("abc")})
    first, second = shelf.put(by_row), shelf.put(by_column)
    assert first == second
    blocks = [[b.values.strides for b in shelf.take(a)._mgr.blocks] for a in (first, second)]
    assert blocks[0] == blocks[1]


def test_labels_may_repeat_and_be_anything(shelf: Any) -> None:
    frame = pd.DataFrame(np.arange(8).reshape(2, 4))
    frame.columns = pd.Index(["a", "a", ("b", 1), None], dtype=object, tupleize_cols=False)
    artifact = shelf.put(frame)
    names: Any = artifact.manifest["columns"]
    assert [name["name"] for name in names] == ["a", "a", "('b', 1)", "None"]
    assert same(shelf.take(artifact), frame)


def test_labels_that_look_like_digests_are_not_taken_for_cells(shelf: Any) -> None:
    label = "0123456789abcdef" * 2
    artifact = shelf.put(pd.DataFrame({label: [1, 2]}))
    assert bytes.fromhex(label) not in stored_cells(artifact)


def test_extension_arrays_by_themselves(shelf: Any) -> None:
    for kind in ("Int64", "str", "category", "intervals", "periods", "berlin"):
        array = COLUMNS[kind](9)
        loaded = shelf.there_and_back(array, "pandas/1")
        assert same(pd.Series(loaded), pd.Series(array))


def test_a_frame_that_holds_itself_is_pickled_inside(shelf: Any) -> None:
    frame = pd.DataFrame({"a": [1]})
    held = [frame]
    frame["held"] = pd.Series([held], dtype=object)
    artifact = shelf.put(frame)
    assert shelf.take(artifact)["held"][0][0]["held"][0] is not None


class Ledger(pd.DataFrame):  # type: ignore[misc]
    """A frame of somebody's own."""

    _metadata = ["owner"]  # noqa: RUF012 - pandas asks for a list

    @property
    def _constructor(self) -> Any:
        return Ledger


def test_a_subclass_is_pickled_with_its_metadata(shelf: Any) -> None:
    ledger = Ledger({"a": np.arange(3)})
    ledger.owner = "me"
    loaded = shelf.there_and_back(ledger, "pickle/1")
    assert type(loaded) is Ledger
    assert loaded.owner == "me"
    assert value_digest(ledger) != value_digest(pd.DataFrame(ledger))


def test_the_library_counts_to_consumers(shelf: Any) -> None:
    frame = pd.DataFrame({"a": [1, 2]})
    assert shelf.put(frame).libraries == value_fingerprint(frame).libraries
    assert any("DataFrame" in name for name in shelf.put(frame).libraries)
