"""The public names: all there, each from one place, none beside."""

import importlib
import inspect
from pathlib import Path

import pytest

import mlops_core

PUBLIC = {
    "step", "pipeline", "when", "fingerprint", "latest", "writable",
    "ContentOnly", "Output", "Metrics", "Run", "Plan", "Step", "Pipeline",
}  # fmt: skip


def test_all_names_what_there_is():
    assert set(mlops_core.__all__) == PUBLIC | {"__version__"}
    assert mlops_core.__all__ == sorted(mlops_core.__all__)
    assert set(dir(mlops_core)) >= set(mlops_core.__all__)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_every_name_comes_from_its_home(name):
    home = importlib.import_module(mlops_core._HOMES[name])
    assert getattr(mlops_core, name) is getattr(home, name)
    assert name in vars(mlops_core)  # found at once the next time


def test_no_package_inside_carries_the_name_of_a_public_function():
    folders = {path.name for path in Path(mlops_core.__file__).parent.iterdir() if path.is_dir()}
    assert not folders & PUBLIC


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'mlops_core' has no attribute 'stpe'"):
        _ = mlops_core.stpe
    with pytest.raises(ImportError):
        exec("from mlops_core import stpe")


def test_the_version_is_text():
    assert isinstance(mlops_core.__version__, str)
    assert mlops_core.__version__[0].isdigit()


@pytest.mark.parametrize("name", sorted(PUBLIC - {"Metrics"}))
def test_every_name_is_documented(name):
    assert inspect.getdoc(getattr(mlops_core, name))


def test_the_fingerprint_is_text_with_its_algorithm():
    found = mlops_core.fingerprint({"a": [1, 2.5]})
    assert found.startswith("xxh3:")
    assert len(found) == 5 + 32
    assert found == mlops_core.fingerprint({"a": [1, 2.5]}) != mlops_core.fingerprint({"a": [1, 2]})
