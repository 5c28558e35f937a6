"""A script in a folder of the project imports what lies at the project's root, before any step is called."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "mlops.toml").write_text("")
    (tmp_path / "here").mkdir()
    (tmp_path / "pipe.py").write_text(
        "from mlops_core import step\n@step\ndef work(n: int) -> int:\n    return n + 1\n"
    )
    return tmp_path


def run(script: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(script)], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("folder", [".", "here", "/"])
def test_the_root_is_found_from_any_folder(project: Path, folder: str) -> None:
    script = project / "here" / "call.py"
    script.write_text("from mlops_core import step\nfrom pipe import work\nprint(work(3), work.__module__)\n")
    ended = run(script, project / folder)
    assert ended.stdout == "4 pipe\n", ended.stderr


def test_a_module_that_is_nowhere_is_missed_as_ever(project: Path) -> None:
    script = project / "here" / "call.py"
    script.write_text("from mlops_core import step\nimport nowhere_to_be_found\n")
    assert "ModuleNotFoundError: No module named 'nowhere_to_be_found'" in run(script, project).stderr
