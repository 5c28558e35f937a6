"""store gc, verify and status, and the budget of mlops.toml, through the installed command."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROGRAM = """
import numpy as np
from mlops_core import pipeline, step

@step
def base(n: int) -> np.ndarray:
    return np.arange(400_000) + n

@step
def total(a: np.ndarray) -> int:
    return int(a.sum())

@pipeline
def work(n: int = 1) -> int:
    return total(base(n))
"""


@pytest.fixture
def mlops(root: Path, environment: dict[str, str]) -> Callable[..., Any]:
    """Calls the command in a project with ``pipe.py``; gives exit status and document."""
    (root / "pipe.py").write_text(PROGRAM)

    def call(*words: str) -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, "-m", "mlops_core", *words, "--json"],
            cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, json.loads(done.stdout)

    return call


def reasons(document: dict[str, Any]) -> dict[str, str]:
    return {step["name"]: step["reason"] for step in document["steps"]}


def statuses(document: dict[str, Any]) -> dict[str, str]:
    return {step["name"]: step["status"] for step in document["steps"]}


def test_the_next_run_says_that_gc_removed_the_value(mlops: Callable[..., Any]) -> None:
    mlops("run", "pipe.py")
    status, dry = mlops("store", "gc", "--budget", "1MiB", "--dry-run")
    assert (status, dry["dry_run"], [value["step"] for value in dry["removed"]]) == (0, True, ["base"])
    _, done = mlops("store", "gc", "--budget", "1MiB")
    assert done["removed"] == dry["removed"]
    assert done["freed_bytes"] > 3_000_000
    assert done["after_bytes"] < 10_000
    _, run = mlops("run", "pipe.py")
    assert statuses(run) == {"base": "ran", "total": "cached"}
    assert reasons(run)["base"] == "the stored value of run 1 was dropped: removed by gc"
    assert run["steps"][0]["reasons"][0]["kind"] == "value_gone"
    assert statuses(mlops("run", "pipe.py")[1]) == {"base": "cached", "total": "cached"}


def test_status_says_who_takes_the_room(mlops: Callable[..., Any], root: Path) -> None:
    assert mlops("store", "status")[1]["steps"] == []
    mlops("run", "pipe.py", "-p", "n=1")
    mlops("run", "pipe.py", "-p", "n=2")
    (root / "mlops.toml").write_text('[store]\nbudget = "4MiB"\n')
    _, found = mlops("store", "status")
    base = found["steps"][0]
    assert (base["pipeline"], base["step"], base["values"], base["shared_bytes"]) == ("work", "base", 2, 0)
    assert 6_400_000 < base["unique_bytes"] <= found["store_bytes"]
    assert found["budget_bytes"] == 4 << 20
    assert 3_000_000 < base["gc_frees_bytes"] == found["gc_frees_bytes"]


def test_a_budget_holds_after_every_run(mlops: Callable[..., Any], root: Path) -> None:
    (root / "mlops.toml").write_text('[store]\nbudget = "7MiB"\n')
    for n in range(4):
        assert mlops("run", "pipe.py", "-p", f"n={n}")[0] == 0
        assert mlops("store", "status")[1]["store_bytes"] <= 7 << 20
    assert mlops("store", "gc")[1]["removed"] == []


def test_a_budget_holds_for_cached_calls(root: Path, environment: dict[str, str]) -> None:
    (root / "mlops.toml").write_text('[store]\nbudget = "5MiB"\n')
    (root / "calls.py").write_text(PROGRAM + "for n in range(4):\n    base(n)\n")
    subprocess.run([sys.executable, "calls.py"], cwd=root, env=environment, check=True, timeout=120)
    assert sum(path.stat().st_size for path in (root / ".mlops" / "objects").iterdir()) <= 5 << 20


def test_verify_names_and_repairs(mlops: Callable[..., Any], root: Path) -> None:
    mlops("run", "pipe.py")
    assert mlops("store", "verify")[1]["sound"]
    (segment,) = (root / ".mlops" / "objects").iterdir()
    segment.chmod(0o600)
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    status, found = mlops("store", "verify")
    assert (status, found["sound"], found["error"]["code"]) == (5, False, "damaged")
    assert [lost["results"] for lost in found["lost"]] == [[{"pipeline": "work", "step": "base", "run": 1}]]
    assert len(found["damage"][0]["cells"]) == 1
    status, repaired = mlops("store", "verify", "--repair")
    assert (status, repaired["repaired"], len(repaired["set_aside"])) == (5, True, 1)
    assert mlops("store", "verify")[0] == 0
    _, run = mlops("run", "pipe.py")
    assert statuses(run) == {"base": "ran", "total": "cached"}
    assert reasons(run)["base"].startswith("the stored value of run 1 was dropped: damaged: 1 of its")


@pytest.mark.parametrize("words", [("--budget", "much"), ("--older-than", "long"), ("--keep-last", "-1")])
def test_a_wrong_value_is_wrong_use(mlops: Callable[..., Any], words: tuple[str, str]) -> None:
    status, document = mlops("store", "gc", *words)
    assert status == 2
    assert document["error"]["message"]
    assert document["schema"] == "mlops.store.gc/1"
