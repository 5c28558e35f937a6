"""What importing the public face loads: a bare start stays a bare start."""

import subprocess
import sys

import pytest

HEAVY = {
    "numpy", "pyarrow", "onnxruntime", "sqlite_utils", "sqlite3", "click", "typing", "inspect", "dataclasses",
    "pathlib", "functools", "collections", "enum", "re", "importlib.metadata", "asyncio", "logging", "json",
}  # fmt: skip

DECORATED = """
from mlops_core import pipeline, step

@step
def load(x):
    return x

@pipeline
def main(x=1):
    return load(x)
"""


def loaded_by(code: str) -> set[str]:
    """Names in ``sys.modules`` that the code adds to those of a bare interpreter."""
    program = f"import sys; bare = set(sys.modules)\n{code}\nprint(*sorted(set(sys.modules) - bare))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_the_package_alone():
    assert loaded_by("import mlops_core") <= {"mlops_core"}


def test_decorating_loads_nothing_heavy():
    loaded = loaded_by(DECORATED)
    assert not loaded & HEAVY
    foreign = {name for name in loaded if name.partition(".")[0] != "mlops_core"}
    assert foreign <= {"contextvars", "_contextvars"}
    assert len(loaded) <= 14


@pytest.mark.parametrize("name", ["when", "latest", "writable", "Step", "Pipeline"])
def test_other_names_load_no_heavy_library(name):
    loaded = loaded_by(f"from mlops_core import {name}")
    assert not loaded & {"numpy", "pyarrow", "onnxruntime", "sqlite_utils", "sqlite3", "click"}


def test_building_a_graph_loads_no_heavy_library():
    code = DECORATED + "\nfrom mlops_core.pipelines.building import build; build(main, (), {})"
    assert not loaded_by(code) & {
        "numpy",
        "pyarrow",
        "onnxruntime",
        "sqlite_utils",
        "sqlite3",
        "click",
        "inspect",
    }


def test_no_public_name_is_there_before_it_is_asked_for():
    code = "import mlops_core; print(*(vars(mlops_core).keys() & set(mlops_core.__all__)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
