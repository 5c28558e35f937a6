"""A small project that stores a value of every kind, and the command run in it by processes of its own."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlops_core

#: What ``turn`` changes: arrays and tables grow by it, so that versions share what they have in common.
PROGRAM = """\
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from mlops_core import pipeline, step


@dataclass
class Model:
    weights: np.ndarray
    names: list[str]


@step
def numbers(turn: int) -> np.ndarray:
    return np.random.default_rng(0).random((1000 + turn, 300))


@step
def rows(turn: int) -> pa.Table:
    count = 9_000 + 100 * turn
    texts = [None if n % 7 == 0 else f"text {n % 100}" for n in range(count)]
    return pa.table({"n": np.arange(count), "x": np.arange(count) / 3, "text": texts})


@step
def fitted(numbers: np.ndarray) -> Model:
    return Model(numbers[::2].sum(axis=0), [f"w{n}" for n in range(numbers.shape[1])])


@step
def report(rows: pa.Table) -> Path:
    path = Path("report.txt")
    path.write_text("".join(f"{text}\\n" for text in rows["text"].to_pylist()))
    return path


@step
def words(report: Path) -> dict[str, int]:
    return {"lines": report.read_text().count("text"), "bytes": report.stat().st_size}


@step
def total(numbers: np.ndarray, rows: pa.Table, model: Model, words: dict[str, int]) -> float:
    return float(numbers.sum() + sum(rows["x"].to_pylist()) + model.weights.sum() + words["lines"])


@pipeline
def work(turn: int = 0) -> dict[str, object]:
    array, table = numbers(turn), rows(turn)
    model, counted = fitted(array), words(report(table))
    sum = total(array, table, model, counted)
    return {"numbers": array, "rows": table, "model": model, "words": counted, "total": sum}
"""
STEPS = ("numbers", "rows", "fitted", "report", "words", "total")
_SOURCE = str(Path(mlops_core.__file__).parents[1])
_PATIENCE = 120.0  # seconds after which a command hangs


@dataclass(frozen=True)
class Ended:
    """What came out of a command; ``status`` is negative where a signal ended it."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Stdout as JSON."""
        document: dict[str, Any] = json.loads(self.out)
        return document

    def said(self) -> str:
        """All of it, for a message."""
        return f"exit {self.status}\n{self.out[-2000:]}\n{self.err[-3000:]}"


class Project:
    """The project in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / ".mlops"
        folder.mkdir(parents=True)
        (folder / "mlops.toml").write_text('[pipelines.work]\nentry = "work.py:work"\n', encoding="utf-8")
        (folder / "work.py").write_text(PROGRAM, encoding="utf-8")

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """``mlops ARGUMENTS`` in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "mlops_core", *arguments],
            cwd=self.folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def mlops(self, *arguments: str) -> Ended:
        """``mlops ARGUMENTS``, to its end; one that hangs is killed, and its status is that of SIGALRM."""
        process = self.start(*arguments)
        try:
            out, err = process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            return Ended(-signal.SIGALRM, out, err)
        return Ended(process.returncode, out, err)

    def run(self, turn: int, *more: str) -> Ended:
        """A run of the pipeline, as JSON."""
        return self.mlops("run", "work", "-p", f"turn={turn}", "--json", *more)


def uncached_outputs(folder: Path, turn: int) -> dict[str, Any]:
    """What the program gives in an empty folder without any cache."""
    ended = Project(folder / f"uncached-{turn}").run(turn, "--no-cache")
    assert ended.status == 0, ended.said()
    outputs: dict[str, Any] = ended.document["outputs"]
    return outputs


def environment() -> dict[str, str]:
    ours = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "MLOPS_STATE_DIR", "MLOPS_CACHE")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"PYTHONPATH": _SOURCE, "PYTHONUTF8": "1"}
