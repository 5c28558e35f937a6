"""A disk that is really full (a small tmpfs): the run stops, what was finished stays, the next goes on."""

import json
import sys
from collections.abc import Callable
from typing import Any

Words = Callable[..., list[str]]

WORK = """
    import numpy as np
    from mlops_core import pipeline, step

    @step
    def small(n: int) -> np.ndarray:
        return np.arange(100_000 + n)

    @step
    def big(a: np.ndarray, mib: int) -> np.ndarray:
        return np.random.default_rng(mib + len(a)).integers(0, 255, mib << 20, dtype=np.uint8)

    @pipeline
    def work(n: int = 1, mib: int = 4):
        return {"big": big(small(n), mib)}
"""

# Fills the disk to the last byte itself, so that the database cannot grow either.
FILLING = """
    from mlops_core import pipeline, step

    @step
    def first() -> int:
        return 1

    @step(cache=True)
    def fill(n: int) -> str:
        with open("filler", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                return "y" * 100_000

    @pipeline
    def work():
        return fill(first())
"""
LEFT = ["find", ".mlops/tmp", ".mlops/objects", "-type", "f"]


def test_a_result_that_does_not_fit(disks: Any, mlops: Words) -> None:
    run = mlops("run", "work.py", "--json")
    full, left, again, verified = disks.small(
        "16m", {"work.py": WORK}, [*run, "-p", "mib=40"], LEFT, run, mlops("store", "verify")
    )
    assert full.status == 4
    assert full.steps == {"small": "ran", "big": "failed"}
    assert full.document["error"]["code"] == "disk_full"
    assert "at least 40.0 MiB" in full.document["error"]["message"]
    assert "MiB are free" in full.document["error"]["message"]
    assert "mlops store gc" in full.document["error"]["hint"]
    assert "Traceback" not in full.err
    assert len(left.out.split()) == 1, "the segment of the small step, and no part of the other"
    assert again.steps == {"small": "cached", "big": "ran"}
    assert verified.status == 0, verified.err


def test_the_same_in_workers(disks: Any, mlops: Words) -> None:
    run = mlops("run", "work.py", "--json", "-j", "2", "-p", "mib=40")
    full, left = disks.small("16m", {"work.py": WORK}, run, LEFT)
    assert (full.status, full.document["error"]["code"]) == (4, "disk_full")
    assert full.steps == {"small": "ran", "big": "failed"}
    assert len(left.out.split()) == 1


def test_not_even_the_end_of_the_run_can_be_recorded(disks: Any, mlops: Words) -> None:
    run, shown = mlops("run", "work.py", "--json"), mlops("runs", "show", "1", "--json")
    full, listed, collected, refused, left, _, first, verified = disks.small(
        "8m", {"work.py": FILLING}, run, mlops("runs", "ls", "--json"), mlops("store", "gc"), run, LEFT,
        ["rm", "filler"], shown, mlops("store", "verify"),
    )  # fmt: skip
    assert (full.status, full.document["error"]["code"]) == (4, "disk_full")
    assert "0 B are free" in full.document["error"]["message"]
    assert full.steps == {"first": "ran", "fill": "failed"}
    assert listed.status == 0, "commands that only read work on a full disk"
    assert [row["status"] for row in listed.document["runs"]] == ["running"]
    assert collected.status == 0, collected.err
    assert (refused.status, refused.document["error"]["code"]) == (4, "disk_full")
    assert left.out == ""
    assert first.status == 0, first.err
    assert (first.document["status"], first.document["steps"][0]["status"]) == ("interrupted", "ran")
    assert verified.status == 0, verified.err


def test_a_collection_makes_room_on_a_disk_that_is_full(disks: Any, mlops: Words) -> None:
    """The database needs room to note what goes: the stat cache, which may be deleted, gives it."""
    cache = "dd if=/dev/zero of=.mlops/stat-cache bs=1M count=1"
    fill = ["sh", "-c", f"{cache}; dd if=/dev/zero of=filler bs=4096; true"]
    rest = mlops("store", "gc", "--json", "--keep-last", "1")
    *_, collected, verified = disks.small(
        "24m", {"work.py": WORK}, mlops("run", "work.py"), mlops("run", "work.py", "-p", "n=2"), fill, rest,
        mlops("store", "verify"),
    )  # fmt: skip
    assert collected.status == 0, collected.err
    assert collected.document["freed_bytes"] > 4 << 20
    assert verified.status == 0, verified.err


def test_a_run_that_cannot_fit_is_refused(disks: Any, mlops: Words) -> None:
    run = mlops("run", "work.py", "--json")
    *_, refused, left, planned, collected, fits = disks.small(
        "16m", {"work.py": WORK}, run, [*run, "-p", "n=2"], [*run, "-p", "n=3"], [*run, "-p", "n=4"], LEFT,
        mlops("plan", "work.py", "--json", "-p", "n=4"), mlops("store", "gc", "--keep-last", "1", "--json"),
        [*run, "-p", "n=4"],
    )  # fmt: skip
    assert refused.status == 4
    assert refused.steps == {"small": "cancelled", "big": "cancelled"}
    error = refused.document["error"]
    assert error["code"] == "not_enough_disk"
    assert "would store about 4.0 MiB" in error["message"]
    assert "most of it for big" in error["message"]
    assert len(left.out.split()) == 6
    expected = {step["name"]: step["expected_bytes"] for step in planned.document["steps"]}
    assert 4 << 20 < expected["big"] < 5 << 20
    assert collected.status == 0
    assert fits.status == 0, fits.err


def test_a_disk_that_was_full_before_the_first_command(disks: Any, mlops: Words) -> None:
    fill = ["sh", "-c", "dd if=/dev/zero of=filler bs=4096; true"]
    run = mlops("run", "work.py", "--json")
    _, refused, planned, looked, _, ran = disks.small(
        "8m", {"work.py": WORK}, fill, run, mlops("plan", "work.py", "--json"), mlops("doctor", "--json"),
        ["rm", "filler"], run,
    )  # fmt: skip
    assert (refused.status, refused.document["error"]["code"]) == (4, "disk_full")
    assert refused.document["run"] is None
    assert planned.status == 0, planned.err
    assert {step["verdict"] for step in planned.document["steps"]} == {"run", "unknown"}
    assert "Traceback" not in looked.err
    assert {check["name"]: check["state"] for check in looked.document["checks"]}["disk"] == "warning"
    assert ran.status == 0, ran.err


def test_a_call_from_python(disks: Any, mlops: Words) -> None:
    script = """
        import json
        import random
        from mlops_core import step
        from mlops_core.errors import DiskFull

        @step
        def big(mib: int) -> bytes:
            return random.Random(mib).randbytes(mib << 20)

        try:
            big(40)
        except DiskFull as full:
            print(json.dumps([full.code, full.free > 0, len(big(1))]))
    """
    (ended,) = disks.small("16m", {"call.py": script}, [sys.executable, "call.py"])
    assert ended.status == 0, ended.err
    assert json.loads(ended.out) == ["disk_full", True, 1 << 20]
