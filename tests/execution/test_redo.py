"""A stored value that does not load any more is a miss: its step runs again in the same run, and says why."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SCRIPT = """
from mlops_core import pipeline, step

class Model:
    def __init__(self, n):
        self.n = n

@step
def fit(n: int) -> Model:
    return Model(n)

@step
def use(model: Model) -> int:
    return model.n * 2

@pipeline
def work(n: int = 3) -> int:
    return use(fit(n))
"""


def run(folder: Path, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "mlops_core", "run", "work.py", "--json", *options]
    document: dict[str, Any] = json.loads(subprocess.check_output(command, cwd=folder))
    return document


def test_a_value_whose_class_is_not_to_be_found_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "mlops.toml").write_text("")
    # Read from standard input the class has no module to be found in later.
    code = SCRIPT + "\nassert work.run().status == 'succeeded'\n"
    subprocess.run([sys.executable, "-"], input=code, text=True, cwd=tmp_path, check=True)
    (tmp_path / "work.py").write_text(SCRIPT)

    for options in (("--force", "use"), ("--force", "use", "-j", "2")):
        document = run(tmp_path, *options)
        assert document["status"] == "succeeded"
        assert document["outputs"] == {"output": 6}
        assert [step["name"] for step in document["steps"]] == ["fit", "use"]
    first = json.loads(
        subprocess.check_output(
            [sys.executable, "-m", "mlops_core", "why", "2", "fit", "--json"], cwd=tmp_path
        )
    )["steps"][0]
    assert first["status"] == "ran"
    assert first["reasons"][0]["kind"] == "unloadable"
    assert "cannot be loaded" in first["reasons"][0]["text"]
    assert {step["status"] for step in run(tmp_path)["steps"]} == {"cached"}
