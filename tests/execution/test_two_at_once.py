"""Two processes start the same step: one computes, the other takes its result."""

import json
import subprocess
import sys
from pathlib import Path

PIPELINE = """
from mlops_core import pipeline, step

@step
def slow(n: int) -> int:
    return sum(i * i % 7 for i in range(n))

@pipeline
def work(n: int = 3_000_000) -> int:
    return slow(n)
"""


def test_one_computes_and_the_other_waits(tmp_path: Path) -> None:
    (tmp_path / "mlops.toml").write_text("")
    (tmp_path / "work.py").write_text(PIPELINE)
    command = [sys.executable, "-m", "mlops_core", "run", "work.py", "--json"]
    started = [subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) for _ in range(3)]
    documents = [json.loads(process.communicate()[0]) for process in started]
    steps = [document["steps"][0] for document in documents]
    assert sorted(step["status"] for step in steps) == ["cached", "cached", "ran"]
    assert len({document["outputs"]["output"] for document in documents}) == 1
    assert {document["run"] for document in documents} == {1, 2, 3}
    assert all("from run" in step["reason"] for step in steps if step["status"] == "cached")
