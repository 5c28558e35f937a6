"""A project on disk, and programs that run in it as processes of their own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
Write = Callable[[str, str], Path]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project root that no folder above it can take the role of."""
    monkeypatch.delenv("MLOPS_STATE_DIR", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path.parent))
    root = tmp_path / "project"
    root.mkdir()
    (root / "mlops.toml").touch()
    return root


@pytest.fixture
def write(project: Path) -> Write:
    """Writes a file of the project, folders included, and gives its path."""

    def writing(name: str, text: str) -> Path:
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return writing


@pytest.fixture
def python(project: Path) -> Callable[..., str]:
    """Runs ``python ARGUMENTS`` in the project and gives what it printed; a failure is the test's failure."""

    def running(*arguments: str, cwd: Path | None = None) -> str:
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": ""}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=cwd or project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return running


@pytest.fixture
def load(python: Callable[..., str], project: Path) -> Callable[..., str]:
    """Loads a file of the project like a target, runs ``code`` with ``module``, gives what it printed."""

    def loading(file: str, code: str) -> str:
        start = (
            "from pathlib import Path\n"
            "from mlops_core.workspace.modules import import_file, canonical_name\n"
            f"module = import_file(Path({str(project / file)!r}), Path({str(project)!r}))\n"
        )
        return python("-c", start + code)

    return loading
