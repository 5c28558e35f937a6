"""Source texts of parts, for showing what changed."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from mlops_core.fingerprints.code import code_fingerprint
from mlops_core.fingerprints.code.sources import part_sources

TEXT = '''K = {"a": 1}


class Model:
    """Doc."""

    def run(self, v):
        return v


def helper(v):
    def inner():
        return v
    return inner()


def step(x):
    first, second = (lambda: x), (lambda: x + 1)
    return helper(x) + K["a"] + Model().run(x) + first() + second()
'''


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    path = tmp_path / "shown.py"
    path.write_text(TEXT)
    spec = importlib.util.spec_from_file_location("shown", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "shown", made)
    spec.loader.exec_module(made)
    return made


def test_texts_of_parts(module: ModuleType, tmp_path: Path) -> None:
    found = code_fingerprint(module.step, (str(tmp_path),))
    texts = part_sources(found)
    by_label = {p.label: texts.get(p.digest, "") for p in found.parts}
    assert (
        by_label["shown.py:helper"]
        == "def helper(v):\n    def inner():\n        return v\n    return inner()\n"
    )
    assert by_label["shown.py:K"] == "{'a': 1}"
    assert by_label["shown.py:Model"].startswith("class Model:\n")
    assert by_label["shown.py:Model"].endswith("        return v\n")
    assert by_label["shown.py:Model.run"] == "    def run(self, v):\n        return v\n"


def test_a_source_that_is_gone_is_left_out(module: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "shown.py").unlink()
    import linecache

    linecache.checkcache()
    found = code_fingerprint(module.step, (str(tmp_path),))
    assert set(part_sources(found).values()) == {"{'a': 1}"}
