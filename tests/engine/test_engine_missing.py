"""An installation without its compiled engine says so, and what helps."""

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mlops_core
from mlops_core import engine
from mlops_core.errors import EngineMissing


def test_the_list_of_modules_is_that_of_the_stubs() -> None:
    assert {stub.stem for stub in Path(engine.__path__[0]).glob("_*.pyi")} == set(engine.MODULES)


@pytest.mark.parametrize("name", engine.MODULES)
def test_every_module_is_compiled(name: str) -> None:
    module = importlib.import_module(f"mlops_core.engine.{name}")
    assert module.__file__ is not None
    assert not module.__file__.endswith(".py")


def installation(tmp_path: Path) -> Path:
    """A copy of the package as somebody has it whose engine was not built."""
    copied = tmp_path / "mlops_core"
    shutil.copytree(
        Path(mlops_core.__path__[0]), copied, ignore=shutil.ignore_patterns("*.so", "__pycache__")
    )
    return copied


def import_from(folder: Path, module: str) -> str:
    script = f"import sys; sys.path.insert(0, {str(folder)!r}); import {module}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    return done.stderr


@pytest.mark.parametrize(
    "module", ["mlops_core.engine", "mlops_core.engine._values", "mlops_core.engine.digest"]
)
def test_without_compiled_modules_every_import_fails_clearly(tmp_path: Path, module: str) -> None:
    installation(tmp_path)
    said = import_from(tmp_path, module)
    assert "EngineMissing: mlops_core was installed without its compiled engine: _arrays," in said
    assert "pip install --force-reinstall mlops-embedded" in said
    assert "build_ext --inplace" in said


def test_one_module_too_few_is_named(tmp_path: Path) -> None:
    copied = installation(tmp_path)
    for name in set(engine.MODULES) - {"_map"}:
        shutil.copy(str(importlib.import_module(f"mlops_core.engine.{name}").__file__), copied / "engine")
    assert "without its compiled engine: _map cannot be found" in import_from(tmp_path, "mlops_core.engine")


def test_a_module_that_does_not_load_is_told(tmp_path: Path) -> None:
    copied = installation(tmp_path)
    for name in engine.MODULES:
        built = Path(str(importlib.import_module(f"mlops_core.engine.{name}").__file__))
        (copied / "engine" / built.name).write_bytes(b"not a library")
    assert "EngineMissing: the compiled engine does not fit this Python" in import_from(
        tmp_path, "mlops_core.engine"
    )


def test_the_error_carries_the_modules() -> None:
    with pytest.raises(EngineMissing) as caught:
        engine.require("/")
    assert caught.value.data["modules"] == engine.MODULES
    assert isinstance(caught.value, ImportError)


def test_values_load_nothing_heavy() -> None:
    script = (
        "import sys, mlops_core.engine._values as v\n"
        "v.value_digest([1, 'a', {2: (3, 4.0)}], None)\n"
        "print([m for m in ('numpy', 'pyarrow', 'typing', 'inspect', 'importlib.util') if m in sys.modules])"
    )
    source = str(Path(mlops_core.__path__[0]).parent)
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, {source!r})\n{script}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
