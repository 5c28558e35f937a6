"""A limit on the size of files stands for a full disk where none can be mounted (RLIMIT_FSIZE: EFBIG)."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

Words = Callable[..., list[str]]

WORK = """
    import random
    from mlops_core import pipeline, step

    @step
    def small(n: int) -> bytes:
        return random.Random(n).randbytes(100_000)

    @step
    def big(a: bytes, mib: int) -> bytes:
        return random.Random(mib).randbytes(mib << 20)

    @pipeline
    def work(mib: int = 1):
        return {"big": big(small(1), mib)}
"""
# Lets no file grow beyond 4 MiB, then runs the command as the same process.
LIMITED = """
    import os, resource, signal, sys
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4 << 20, resource.RLIM_INFINITY))
    os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def test_a_result_above_the_limit(tmp_path: Path, mlops: Words, run_python: Any) -> None:
    (tmp_path / "mlops.toml").touch()
    (tmp_path / "work.py").write_text(dedent(WORK))
    run = mlops("run", "work.py", "--json")
    stopped = run_python([sys.executable, "-c", dedent(LIMITED), *run[1:], "-p", "mib=8"], tmp_path)
    assert stopped.returncode == 4, stopped.stderr
    document = json.loads(stopped.stdout)
    assert document["error"]["code"] == "disk_full"
    assert "ulimit -f" in document["error"]["message"]
    assert {step["name"]: step["status"] for step in document["steps"]} == {"small": "ran", "big": "failed"}
    state = tmp_path / ".mlops"
    assert list((state / "tmp").rglob("*")) == []
    assert len(list((state / "objects").iterdir())) == 1
    again = json.loads(run_python(run, tmp_path).stdout)
    assert {step["name"]: step["status"] for step in again["steps"]} == {"small": "cached", "big": "ran"}
