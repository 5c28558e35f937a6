"""Digests of values: golden ones, what a refusal says, which classes are listed, the name of a script."""

import datetime as dt
import decimal
import enum
import subprocess
import sys
import threading
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd
import pytest

from mlops_core.errors import UnfingerprintableValue
from mlops_core.fingerprints.embedded import Embedded
from mlops_core.fingerprints.values import value_digest, value_fingerprint

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
from mlops_core.fingerprints.values import value_fingerprint
class C:
    pass
if __name__ != "imported":
    found = value_fingerprint([C()])
    print(found.digest.hex(), *found.classes)
"""


class Holder:
    def __init__(self, held: object) -> None:
        self.held = held


class Color(enum.Enum):
    RED = 1


GOLDEN = {
    "date": (dt.date(2026, 1, 2), "01a60c538a6f0f7a59b480f4b539cd9e"),
    "moment": (dt.datetime(2026, 1, 2, 3, 4, 5, 6, fold=1), "dd363e45b2c0e25bd71f6c61583341e2"),
    "decimal": (decimal.Decimal("1.10"), "9463ba9940672db332e512f2d6faa529"),
    "path": (PurePosixPath("a/b"), "ff45c2455ced4e22941132a78ad21596"),
    "objects": (np.array(["a", None, 1.5], object), "0762954d1540e5460e55d9211a81bf28"),
    "masked array": (np.ma.array([1, 2], mask=[False, True]), "88086fe53be74cf1746cdb496a833353"),
    "frame": (
        pd.DataFrame({0: [1, 2], 7: pd.Categorical([0.5, None])}, index=[3, 4]),
        "6be9b542018498d73109e26ed253ae29",
    ),
    "series": (pd.Series(pd.array([1, None], "Int64"), name="n"), "64b0babea84882e0952b3697ce4ba0eb"),
    "index": (pd.date_range("2026", periods=2, freq="D", tz="UTC"), "59b041a5bdfd6c563d6bd5a39883cea4"),
    "several levels": (
        pd.MultiIndex.from_product([[1, 2], [0.5]], names=["a", None]),
        "b038c0d1b7a9854e87e987a059193b4a",
    ),
    "nested": ({"a": [1, (2.0, None)], "b": {"x", "y"}}, "e160db52df5e84e3aec1c4e58dfd350f"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    """Changing this invalidates every user's cache."""
    value, digest = GOLDEN[name]
    assert value_digest(value).hex() == digest


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ([1, {"a": (i for i in "ab")}], "[1]['a']"),
        (Holder([Holder(open)]), None),
        (Holder([0, (i for i in "ab")]), ".held[1]"),
        ({"s": Holder({"k": threading.Event})}, None),
    ],
)
def test_a_refusal_says_where(value: object, path: str | None) -> None:
    if path is None:
        assert len(value_digest(value)) == 16
        return
    with pytest.raises(UnfingerprintableValue, match="generator has no stable content") as caught:
        value_digest(value)
    assert caught.value.path == path
    assert caught.value.message.startswith(f"at {path}: ")


def test_an_open_file_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "f").open("w") as file, pytest.raises(UnfingerprintableValue, match="TextIOWrapper"):
        value_digest([file])


def test_embedded_digests_stand_for_values() -> None:
    one, two = Embedded(b"1" * 16), Embedded(b"2" * 16)
    assert value_digest([one, 5]) == value_digest([Embedded(b"1" * 16), 5])
    assert value_digest([one, 5]) != value_digest([two, 5])
    assert value_digest(one) == b"1" * 16


def test_classes_inside_are_listed_without_their_code() -> None:
    found = value_fingerprint({"a": [Holder(1), Color.RED]})
    names = [name.partition(":")[2] for name in found.classes]
    assert names == ["Color", "Holder"]
    assert value_fingerprint([1, "a", decimal.Decimal(1)]).classes == ()


def test_classes_of_libraries_are_listed_apart() -> None:
    estimator = pytest.importorskip("sklearn.linear_model").LogisticRegression()
    found = value_fingerprint(estimator)
    assert found.classes == ()
    assert found.libraries == ("sklearn.linear_model._logistic:LogisticRegression",)


def test_a_script_and_its_import_agree_on_its_classes(tmp_path: Path) -> None:
    (tmp_path / "mlops.toml").write_text("")
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "pipe.py").write_text(SCRIPT)
    (tmp_path / "other.py").write_text("import pipelines.pipe\n")
    runs = [
        _output(tmp_path, "pipelines/pipe.py"),
        _output(tmp_path, "other.py"),
        _output(tmp_path, "-m", "pipelines.pipe"),
    ]
    assert runs[0] == runs[1] == runs[2]
    assert runs[0].split()[1] == "pipelines.pipe:C"


def _output(folder: Path, *arguments: str) -> str:
    environment = {"PYTHONPATH": f"{ROOT}:{folder}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_heavy_is_loaded_for_plain_values_and_code() -> None:
    program = (
        "import sys\nfrom mlops_core.fingerprints.values import value_digest\n"
        "value_digest([1, 'a', {'k': (2.0, len, lambda: 1)}])\n"
        "heavy = {'numpy', 'pandas', 'polars', 'pyarrow', 'dataclasses', 'inspect', 'sqlite3'}\n"
        "print(*heavy & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.strip() == ""
