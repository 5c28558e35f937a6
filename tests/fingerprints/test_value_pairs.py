# ruff: noqa: E501 - rows are read across, one per line
"""Pairs of values that must, or must not, have equal digests; taken in two processes with other hash seeds."""

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import functools
import importlib.util
import json
import os
import pathlib
import pickle
import random
import re
import subprocess
import sys
import threading
import types
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

SAME, OTHER = True, False
PROGRAM = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("pairs", sys.argv[1])
pairs = importlib.util.module_from_spec(spec); sys.modules["pairs"] = pairs; spec.loader.exec_module(pairs)
print(json.dumps(pairs.digests()))
"""


class Color(enum.Enum):
    RED = 1
    BLUE = 2


@dataclasses.dataclass
class P:
    k: int = 1


@dataclasses.dataclass
class Q:
    k: int = 1


class Point(NamedTuple):
    x: int = 0


class Slotted:
    __slots__ = ("a",)

    def __init__(self, a: object) -> None:
        self.a = a


class Loose:
    def __init__(self, **state: object) -> None:
        self.__dict__.update(state)


class Custom:
    def __init__(self, key: int) -> None:
        self.key, self.noise = key, object()

    def __mlops_fingerprint__(self) -> int:
        return self.key


class Words(set[str]):
    pass


class Text(str):
    pass


def fresh(text: str) -> str:
    return "".join(list(text))


def deep(depth: int, leaf: object) -> Loose:
    found = Loose(v=leaf)
    for _ in range(depth):
        found = Loose(c=found)
    return found


def ring(value: object) -> list[object]:
    found: list[object] = [value]
    found.append(found)
    return found


def advanced(generator: Any) -> Any:
    generator.random()
    return generator


def changed(array: Any, place: int, value: object) -> Any:
    array[place] = value
    return array


def frame() -> pd.DataFrame:
    return pd.DataFrame({"a": [1, 2, 3], "b": [4.0, 5.0, 6.0]})


def with_attrs(found: pd.DataFrame) -> pd.DataFrame:
    found.attrs["u"] = 1
    return found


def grown() -> pd.DataFrame:
    found = pd.DataFrame({"a": [1.0, 2]})
    found["b"] = [3.0, 4]
    return found


def table() -> pa.Table:
    return pa.table({"a": [1, 2, 3], "b": ["x", "y", "z"]})


def polar() -> pl.DataFrame:
    return pl.DataFrame({"a": [1, 2, 3], "b": [4.0, 5.0, 6.0]})


X, Y = np.array([[0.0], [1], [2], [3]]), np.array([0, 0, 1, 1])

Pair = tuple[str, Callable[[], object], Callable[[], object], bool]
PAIRS: list[Pair] = [
    ("int, bool", lambda: 1, lambda: True, OTHER),
    ("int, float", lambda: 1, lambda: 1.0, OTHER),
    ("int, str", lambda: 1, lambda: "1", OTHER),
    ("big int", lambda: 10**40, lambda: 10**40 + 1, OTHER),
    ("negative zero", lambda: 0.0, lambda: -0.0, OTHER),
    ("nan", lambda: float("nan"), lambda: float("inf") - float("inf"), SAME),
    ("tuple, list", lambda: (1, 2), lambda: [1, 2], OTHER),
    ("str, bytes", lambda: "ab", lambda: b"ab", OTHER),
    ("str, subclass", lambda: "ab", lambda: Text("ab"), OTHER),
    ("bytes, bytearray", lambda: b"ab", lambda: bytearray(b"ab"), OTHER),
    ("cut elsewhere", lambda: ["ab", "c"], lambda: ["a", "bc"], OTHER),
    ("nesting", lambda: [[1], 2], lambda: [[1, 2]], OTHER),
    ("dict order", lambda: {"a": 1, "b": 2}, lambda: {"b": 2, "a": 1}, OTHER),
    ("key type", lambda: {1: "a"}, lambda: {"1": "a"}, OTHER),
    ("set order", lambda: {"a", "bb", "ccc", "d"}, lambda: {"d", "ccc", "bb", "a"}, SAME),
    ("set, frozenset", lambda: {"a"}, lambda: frozenset({"a"}), OTHER),
    ("set subclass", lambda: Words(["a", "bb", "ccc"]), lambda: Words(["ccc", "bb", "a"]), SAME),
    ("shared text", lambda: [fresh("hello")] * 2, lambda: [fresh("hello"), fresh("hello")], SAME),
    ("shared tuple", lambda: [(1, "xy")] * 2, lambda: [(1, fresh("xy")), (1, fresh("xy"))], SAME),
    ("ring", lambda: ring(1), lambda: ring(1), SAME),
    ("ring content", lambda: ring(1), lambda: ring(2), OTHER),
    ("decimal", lambda: decimal.Decimal("1.0"), lambda: decimal.Decimal("1.00"), OTHER),
    ("fraction", lambda: fractions.Fraction(1, 3), lambda: fractions.Fraction(2, 6), SAME),
    ("time zone", lambda: dt.datetime(2026, 1, 1), lambda: dt.datetime(2026, 1, 1, tzinfo=dt.UTC), OTHER),
    ("zone name", lambda: zoneinfo.ZoneInfo("UTC"), lambda: zoneinfo.ZoneInfo("Etc/GMT"), OTHER),
    ("fold", lambda: dt.datetime(2026, 1, 1), lambda: dt.datetime(2026, 1, 1, fold=1), OTHER),
    ("fold of a time", lambda: dt.time(1), lambda: dt.time(1, fold=1), OTHER),
    ("date, moment", lambda: dt.date(2026, 1, 1), lambda: dt.datetime(2026, 1, 1), OTHER),
    ("duration", lambda: dt.timedelta(seconds=60), lambda: dt.timedelta(minutes=1), SAME),
    ("uuid", lambda: uuid.UUID(int=1), lambda: uuid.UUID(int=2), OTHER),
    ("pattern", lambda: re.compile("a"), lambda: re.compile("a", re.I), OTHER),
    ("path", lambda: pathlib.Path("a"), lambda: pathlib.Path("b"), OTHER),
    ("path, text", lambda: pathlib.Path("a"), lambda: "a", OTHER),
    ("enum member", lambda: Color.RED, lambda: Color.BLUE, OTHER),
    ("dataclass field", lambda: P(1), lambda: P(2), OTHER),
    ("dataclass", lambda: P(1), lambda: Q(1), OTHER),
    ("named tuple", lambda: Point(1), lambda: (1,), OTHER),
    ("slot", lambda: Slotted(1), lambda: Slotted(2), OTHER),
    ("slot, same", lambda: Slotted([1]), lambda: Slotted([1]), SAME),
    ("nine deep", lambda: deep(9, 1), lambda: deep(9, 2), OTHER),
    ("ten thousand deep", lambda: deep(10_000, 1), lambda: deep(10_000, 1), SAME),
    ("ordered dict", lambda: collections.OrderedDict(a=1), lambda: {"a": 1}, OTHER),
    ("default factory", lambda: collections.defaultdict(int), lambda: collections.defaultdict(list), OTHER),
    ("deque", lambda: collections.deque([1, 2], 3), lambda: collections.deque([1, 2], 4), OTHER),
    ("counter", lambda: collections.Counter("aab"), lambda: collections.Counter("aab"), SAME),
    ("namespace", lambda: types.SimpleNamespace(a=1), lambda: types.SimpleNamespace(a=2), OTHER),
    ("custom", lambda: Custom(1), lambda: Custom(1), SAME),
    ("custom key", lambda: Custom(1), lambda: Custom(2), OTHER),
    ("lock inside", lambda: Loose(a=threading.Lock()), lambda: Loose(a=threading.Lock()), SAME),
    ("exception", lambda: ValueError("a"), lambda: ValueError("b"), OTHER),
    ("ellipsis", lambda: ..., lambda: None, OTHER),
    ("not implemented", lambda: NotImplemented, lambda: None, OTHER),
    ("lambda", lambda: lambda x: x + 1, lambda: lambda x: x + 2, OTHER),
    ("partial", lambda: functools.partial(pow, 2), lambda: functools.partial(pow, 3), OTHER),
    ("builtin", lambda: len, lambda: sum, OTHER),
    ("bound method", lambda: Loose(a=1).__init__, lambda: Loose(a=2).__init__, OTHER),  # type: ignore[misc]
    ("class", lambda: P, lambda: Q, OTHER),
    ("class, instance", lambda: P, P, OTHER),
    ("dtype of equal bytes", lambda: np.array([1, 2], "<i8"), lambda: np.array([1, 0, 2, 0], "<i4"), OTHER),
    ("dtype of zeros", lambda: np.zeros(4, "f4"), lambda: np.zeros(4, "i4"), OTHER),
    ("shape", lambda: np.arange(6).reshape(2, 3), lambda: np.arange(6).reshape(3, 2), OTHER),
    ("byte order", lambda: np.array([1, 2], "<i4"), lambda: np.array([1, 2], "<i4").view(">i4"), OTHER),
    ("strided view", lambda: np.arange(5), lambda: np.repeat(np.arange(5), 2)[::2], SAME),
    ("Fortran order", lambda: np.arange(6.0).reshape(2, 3), lambda: np.asfortranarray(np.arange(6.0).reshape(2, 3)), SAME),
    ("no dimensions", lambda: np.array(3), lambda: np.array([3]), OTHER),
    ("array, list", lambda: np.array([1, 2]), lambda: [1, 2], OTHER),
    ("object array", lambda: np.array([fresh("ab"), 1], object), lambda: np.array([fresh("ab"), 1], object), SAME),
    ("object array item", lambda: np.array(["ab", 1], object), lambda: np.array(["ac", 1], object), OTHER),
    ("object array shape", lambda: np.array([["a", 1]], object), lambda: np.array(["a", 1], object), OTHER),
    ("one of a million", lambda: np.zeros(1_000_000), lambda: changed(np.zeros(1_000_000), 777_777, 1.0), OTHER),
    ("mask", lambda: np.ma.array([1, 2, 3], mask=[0, 0, 1]), lambda: np.ma.array([1, 2, 3], mask=[0, 1, 0]), OTHER),
    ("masked, plain", lambda: np.ma.array([1, 2, 3]), lambda: np.array([1, 2, 3]), OTHER),
    ("field name", lambda: np.zeros(2, [("a", "i4")]), lambda: np.zeros(2, [("b", "i4")]), OTHER),
    ("record array", lambda: np.zeros(2, [("a", "i4")]), lambda: np.zeros(2, [("a", "i4")]).view(np.recarray), OTHER),
    ("dtype object", lambda: np.dtype("i4"), lambda: np.dtype("i8"), OTHER),
    ("ufunc", lambda: np.add, lambda: np.multiply, OTHER),
    ("Generator advanced", lambda: np.random.default_rng(0), lambda: advanced(np.random.default_rng(0)), OTHER),
    ("Generator", lambda: np.random.default_rng(0), lambda: np.random.default_rng(0), SAME),
    ("Random advanced", lambda: random.Random(0), lambda: advanced(random.Random(0)), OTHER),
    ("frame rebuilt", frame, frame, SAME),
    ("column name", frame, lambda: frame().rename(columns={"b": "c"}), OTHER),
    ("column order", frame, lambda: frame()[["b", "a"]], OTHER),
    ("row order", frame, lambda: frame().iloc[::-1], OTHER),
    ("index values", frame, lambda: frame().set_axis([7, 8, 9]), OTHER),
    ("index name", frame, lambda: frame().rename_axis("idx"), OTHER),
    ("duplicate labels", lambda: frame().set_axis([0, 0, 1]), lambda: frame().assign(a=[9, 2, 3]).set_axis([0, 0, 1]), OTHER),
    ("duplicate columns", lambda: frame().set_axis(["a", "a"], axis=1), lambda: frame().set_axis(["a", "b"], axis=1), OTHER),
    ("category", lambda: pd.DataFrame({"a": ["x", "y"]}), lambda: pd.DataFrame({"a": pd.Categorical(["x", "y"])}), OTHER),
    ("unused category", lambda: pd.Categorical(["x"], categories=["x"]), lambda: pd.Categorical(["x"], categories=["x", "z"]), OTHER),
    ("ordered category", lambda: pd.Categorical(["x"], ordered=True), lambda: pd.Categorical(["x"], ordered=False), OTHER),
    ("column type", frame, lambda: frame().astype({"a": "int32"}), OTHER),
    ("nullable type", frame, lambda: frame().astype({"a": "Int64"}), OTHER),
    ("nullable, under the null", lambda: pd.array([1, None], "Int64"), lambda: pd.arrays.IntegerArray(np.array([1, 7]), np.array([False, True])), SAME),
    ("text type", lambda: pd.Series(["a", "b"], dtype=object), lambda: pd.Series(["a", "b"], dtype="str"), OTHER),
    ("attributes", frame, lambda: with_attrs(frame()), OTHER),
    ("copy history", lambda: pd.DataFrame({"a": [1, 2]}), lambda: pd.DataFrame({"a": [1, 1, 2]}).drop_duplicates(ignore_index=True), SAME),
    ("blocks", lambda: pd.DataFrame({"a": [1.0, 2], "b": [3.0, 4]}), grown, SAME),
    ("series name", lambda: pd.Series([1, 2], name="a"), lambda: pd.Series([1, 2], name="b"), OTHER),
    ("one of 200,000", lambda: pd.DataFrame({"a": np.zeros(200_000)}), lambda: pd.DataFrame({"a": changed(np.zeros(200_000), 123_457, 1.0)}), OTHER),
    ("multi index", lambda: pd.MultiIndex.from_tuples([(1, "a"), (2, "b")]), lambda: pd.MultiIndex.from_tuples([(1, "a"), (2, "c")]), OTHER),
    ("zone of a column", lambda: pd.Series(pd.to_datetime(["2026-01-01"])), lambda: pd.Series(pd.to_datetime(["2026-01-01"], utc=True)), OTHER),
    ("period", lambda: pd.period_range("2026", periods=2, freq="M"), lambda: pd.period_range("2026", periods=2, freq="Y"), OTHER),
    ("interval", lambda: pd.interval_range(0, 2), lambda: pd.interval_range(0, 2, closed="left"), OTHER),
    ("sparse", lambda: pd.arrays.SparseArray([0, 0, 1]), lambda: pd.arrays.SparseArray([0, 1, 0]), OTHER),
    ("timestamp", lambda: pd.Timestamp("2026-01-01"), lambda: pd.Timestamp("2026-01-02"), OTHER),
    ("missing", lambda: pd.NA, lambda: pd.NaT, OTHER),
    ("labels must be unique", frame, lambda: frame().set_flags(allows_duplicate_labels=False), OTHER),
    ("freq of an index", lambda: pd.date_range("2026", periods=3, freq="D"), lambda: pd.DatetimeIndex(["2026-01-01", "2026-01-02", "2026-01-03"]), OTHER),
    ("unused level", lambda: pd.MultiIndex.from_arrays([[1, 2], [3, 4]])[1:], lambda: pd.MultiIndex.from_arrays([[2], [4]]), OTHER),
    ("strided frame", lambda: pd.DataFrame(np.arange(12.0).reshape(4, 3), copy=False), lambda: pd.DataFrame({i: np.arange(i, 12.0, 3) for i in range(3)}).set_axis(pd.RangeIndex(3), axis=1), SAME),
    ("not a number, missing", lambda: pd.arrays.FloatingArray(np.array([np.nan]), np.array([False])), lambda: pd.array([None], "Float64"), OTHER),
    ("chunks of a text column", lambda: pd.Series(["a", "b"]), lambda: pd.concat([pd.Series(["a"]), pd.Series(["b"])], ignore_index=True), SAME),
    ("storage of texts", lambda: pd.Series(["a"], dtype="string[pyarrow]"), lambda: pd.Series(["a"], dtype="string[python]"), OTHER),
    ("object identity in a column", lambda: pd.Series([("a",)] * 2, dtype=object), lambda: pd.Series([("a",), ("".join("a"),)], dtype=object), SAME),
    ("polars frame", polar, polar, SAME),
    ("polars column name", polar, lambda: polar().rename({"b": "c"}), OTHER),
    ("polars chunks", polar, lambda: pl.concat([polar()[:1], polar()[1:]], rechunk=False), SAME),
    ("polars column type", polar, lambda: polar().cast({"a": pl.Int32}), OTHER),
    ("polars series name", lambda: pl.Series("a", [1]), lambda: pl.Series("b", [1]), OTHER),
    ("polars frame, table", polar, lambda: polar().to_arrow(), OTHER),
    ("table rebuilt", table, table, SAME),
    ("slice", table, lambda: pa.table({"a": [0, 1, 2, 3, 4], "b": ["q", "x", "y", "z", "r"]}).slice(1, 3), SAME),
    ("chunks", table, lambda: pa.concat_tables([table().slice(0, 1), table().slice(1)]), SAME),
    ("schema metadata", table, lambda: table().replace_schema_metadata({"k": "v"}), OTHER),
    ("dictionary", table, lambda: table().set_column(1, "b", table()["b"].dictionary_encode()), OTHER),
    ("validity bitmap", lambda: pa.table({"a": pa.array([1, 2])}), lambda: pa.table({"a": pa.array([1, 2, None]).slice(0, 2)}), SAME),
    ("null", table, lambda: table().set_column(0, "a", pa.array([1, None, 3])), OTHER),
    ("batch, table", lambda: table().to_batches()[0], table, OTHER),
    ("array, chunked", lambda: pa.array([1, 2]), lambda: pa.chunked_array([[1, 2]]), OTHER),
    ("schema", lambda: table().schema, lambda: table().schema.with_metadata({"a": "b"}), OTHER),
    ("arrow type", lambda: pa.list_(pa.int8()), lambda: pa.list_(pa.int16()), OTHER),
    ("estimator refitted", lambda: LogisticRegression().fit(X, Y), lambda: LogisticRegression().fit(X, Y), SAME),
    ("estimator parameter", lambda: LogisticRegression(C=1.0), lambda: LogisticRegression(C=2.0), OTHER),
    ("forest", lambda: RandomForestClassifier(3, random_state=0).fit(X, Y), lambda: RandomForestClassifier(3, random_state=0).fit(X, Y), SAME),
    ("boosting", lambda: HistGradientBoostingClassifier(max_iter=3, random_state=0).fit(X, Y), lambda: HistGradientBoostingClassifier(max_iter=3, random_state=0).fit(X, Y), SAME),
    ("kernel", lambda: SVC(probability=False).fit(X, Y), lambda: pickle.loads(pickle.dumps(SVC(probability=False).fit(X, Y))), SAME),
    ("steps in a row", lambda: make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y), lambda: make_pipeline(StandardScaler(), LogisticRegression(C=2)).fit(X, Y), OTHER),
    ("other data", lambda: LogisticRegression().fit(X, Y), lambda: LogisticRegression().fit(X[::-1] * 2, Y), OTHER),
    ("sparse matrix", lambda: scipy.sparse.csr_matrix(np.eye(3)), lambda: scipy.sparse.csr_matrix(np.eye(3)), SAME),
    ("sparse matrix, other values", lambda: scipy.sparse.csr_matrix(np.eye(3)), lambda: scipy.sparse.csr_matrix(np.eye(3) * 2), OTHER),
    ("very big ints", lambda: 10**5000, lambda: 10**5000 + 1, OTHER),
]  # fmt: skip
NAMES = [name for name, *_ in PAIRS]


def digests() -> dict[str, list[str]]:
    """Digests of both sides of every pair; called in processes of their own."""
    from mlops_core.fingerprints.values import value_digest

    return {name: [value_digest(make()).hex() for make in (a, b)] for name, a, b, _ in PAIRS}


def _start(seed: str) -> "subprocess.Popen[str]":
    root = str(pathlib.Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root}
    command = [sys.executable, "-c", PROGRAM, __file__]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _digests(process: "subprocess.Popen[str]") -> dict[str, list[str]]:
    out, errors = process.communicate()
    assert process.returncode == 0, errors
    found: dict[str, list[str]] = json.loads(out)
    return found


@pytest.fixture(scope="module")
def seen() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    one, two = _start("1"), _start("77")
    return _digests(one), _digests(two)


def test_names_are_distinct() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert importlib.util.find_spec("mlops_core") is not None


@pytest.mark.parametrize(("name", "verdict"), [(n, v) for n, _, _, v in PAIRS], ids=NAMES)
def test_pair(name: str, verdict: bool, seen: tuple[dict[str, list[str]], dict[str, list[str]]]) -> None:
    one, two = seen[0][name], seen[1][name]
    assert one == two, "the digest differs from process to process"
    assert (one[0] == one[1]) is verdict
