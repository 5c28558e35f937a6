"""A damaged database: the next command goes on with what is whole, and stores nothing twice."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import mlops_core

SOURCE = str(Path(mlops_core.__file__).parents[1])
WORK = """
import numpy as np
from mlops_core import pipeline, step

@step
def big(n: int) -> np.ndarray:
    return np.random.default_rng(n).integers(0, 255, 3_000_000, dtype=np.uint8)

@step
def small(a: np.ndarray) -> int:
    return len(a)

@pipeline
def work(n: int = 1):
    return {"n": small(big(n))}
"""
Mlops = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "mlops.toml").touch()
    (tmp_path / "work.py").write_text(WORK)
    return tmp_path


@pytest.fixture
def mlops(project: Path) -> Mlops:
    """Call the command in the project."""
    left_out = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "MLOPS_STATE_DIR", "MLOPS_CACHE")
    environment = {name: text for name, text in os.environ.items() if name not in left_out}

    def call(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "mlops_core", *words],
            cwd=project, env=environment | {"PYTHONPATH": SOURCE}, capture_output=True, text=True,
            check=False, timeout=60,
        )  # fmt: skip

    return call


def statuses(done: "subprocess.CompletedProcess[str]") -> dict[str, str]:
    return {step["name"]: step["status"] for step in json.loads(done.stdout)["steps"]}


def segments(project: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in (project / ".mlops" / "objects").iterdir()}


def test_an_unreadable_database(project: Path, mlops: Mlops) -> None:
    assert mlops("run", "work.py").returncode == 0
    stored, state = segments(project), project / ".mlops"
    (state / "mlops.db").write_bytes(b"\xaa" * 100_000)
    (state / "mlops.db-wal").write_bytes(b"\xaa" * 5000)
    again = mlops("run", "work.py", "--json")
    assert again.returncode == 0, again.stderr
    assert statuses(again) == {"big": "ran", "small": "ran"}
    assert "was damaged and lies in" in again.stderr
    assert "Nothing in it could be read" in again.stderr
    assert "still hold 3 cells" in again.stderr
    assert segments(project) == stored, "the same values are not written again"
    (aside,) = (state / "damaged").iterdir()
    assert (aside / "mlops.db").read_bytes() == b"\xaa" * 100_000
    assert mlops("store", "verify").returncode == 0
    quiet = mlops("run", "work.py", "--json")
    assert statuses(quiet) == {"big": "cached", "small": "cached"}
    assert "damaged" not in quiet.stderr


def test_a_database_that_is_partly_readable(project: Path, mlops: Mlops) -> None:
    """The index of cells is spoiled: records and runs are kept, and the segments say the rest."""
    for n in range(1, 4):
        assert mlops("run", "work.py", "-p", f"n={n}").returncode == 0
    script = """
        import sqlite3
        db = sqlite3.connect(".mlops/mlops.db")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'cells'").fetchone()
        db.close()
        with open(".mlops/mlops.db", "r+b") as file:
            file.seek((page - 1) * 4096)
            file.write(b"\\xaa" * 4096)
    """
    subprocess.run([sys.executable, "-c", dedent(script)], cwd=project, check=True)
    looked = mlops("store", "verify", "--json")
    assert looked.returncode == 5
    assert "mlops.db" in json.dumps(json.loads(looked.stdout)["damage"])
    repaired = mlops("store", "verify", "--repair", "--json")
    assert repaired.returncode == 5
    assert mlops("store", "verify").returncode == 0
    again = mlops("run", "work.py", "--json", "-p", "n=2")
    assert statuses(again) == {"big": "cached", "small": "cached"}
    assert json.loads(again.stdout)["run"] == 4


def test_a_wal_that_is_damaged_in_the_middle(project: Path, mlops: Mlops) -> None:
    for n in range(1, 4):
        assert mlops("run", "work.py", "-p", f"n={n}").returncode == 0
    file = project / ".mlops" / "mlops.db-wal"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert mlops("doctor").returncode == 4
    looked = mlops("store", "verify")
    assert looked.returncode == 5
    assert "WAL is damaged at frame" in looked.stdout
    assert mlops("store", "verify", "--repair").returncode == 5
    assert (project / ".mlops" / "damaged" / "mlops.db-wal").read_bytes() == data
    assert mlops("store", "verify").returncode == 0
    again = mlops("run", "work.py", "--json", "-p", "n=3")
    assert again.returncode == 0
    assert set(statuses(again).values()) <= {"ran", "cached"}


def test_a_damaged_row_of_a_run_is_named(project: Path, mlops: Mlops) -> None:
    mlops("run", "work.py")
    with sqlite3.connect(project / ".mlops" / "mlops.db") as db:
        db.execute("UPDATE runs SET seconds = 99")
    db.close()
    for words in (("store", "verify"), ("store", "verify", "--repair"), ("store", "verify")):
        looked = mlops(*words)
        assert looked.returncode == 5
        assert "run 1 (work)" in looked.stdout
    assert statuses(mlops("run", "work.py", "--json")) == {"big": "cached", "small": "cached"}
