# ruff: noqa: E501 - projects are read across, one per line
"""What a code fingerprint says besides its digest: parts, pins, readers, reasons, where an import was not made."""

from collections.abc import Callable
from typing import Any

import pytest

STEP = "def step(x):\n    return {}\n"
LIBRARY = {
    "site-packages/fakelib/__init__.py": "LIMIT = 3\ndef f(v):\n    return v * 2\n",
    "site-packages/fakelib-1.0.dist-info/METADATA": "Name: fakelib\nVersion: 1.0\n",
    "site-packages/fakelib-1.0.dist-info/RECORD": "fakelib/__init__.py,,\n",
}
UPGRADED = {k.replace("1.0", "2.0"): v for k, v in LIBRARY.items()}
OTHER_NAME = {
    "site-packages/imported/__init__.py": "def f(v):\n    return v * 2\n",
    "site-packages/Dist_Name-3.1.dist-info/RECORD": "imported/__init__.py,,\nDist_Name-3.1.dist-info/RECORD,,\n",
}
NAMESPACE = {
    "site-packages/ns/one/__init__.py": "def f(v):\n    return v\n",
    "site-packages/ns/two/__init__.py": "def f(v):\n    return v\n",
    "site-packages/ns_one-1.0.dist-info/RECORD": "ns/one/__init__.py,,\n",
    "site-packages/ns_two-2.0.dist-info/RECORD": "ns/two/__init__.py,,\n",
}
LOOSE = {"site-packages/vendored.py": "def f(v):\n    return v * 2\n"}
LEAF = "def leaf(v):\n    return v * 2\n"

PROJECTS: dict[str, dict[str, str]] = {
    "parts": {"steps.py": "from lib.mid import mid\nK = 1\ndef step(x):\n    return mid(x) + K\n",
              "lib/__init__.py": "", "lib/mid.py": "from lib.leaf import leaf\ndef mid(v):\n    return leaf(v)\n", "lib/leaf.py": LEAF},
    "parts, leaf edited": {"steps.py": "from lib.mid import mid\nK = 1\ndef step(x):\n    return mid(x) + K\n",
              "lib/__init__.py": "", "lib/mid.py": "from lib.leaf import leaf\ndef mid(v):\n    return leaf(v)\n", "lib/leaf.py": LEAF.replace("2", "3")},
    "pin": {"steps.py": "import fakelib\n" + STEP.format("fakelib.f(x)"), **LIBRARY},
    "pin upgraded": {"steps.py": "import fakelib\n" + STEP.format("fakelib.f(x)"), **UPGRADED},
    "pin untouched": {"steps.py": "import fakelib\n" + STEP.format("x"), **LIBRARY},
    "pin of a class": {"steps.py": "from fakelib import f\nclass C:\n    g = staticmethod(f)\n" + STEP.format("C.g(x)"), **LIBRARY},
    "pin, other name": {"steps.py": "import imported\n" + STEP.format("imported.f(x)"), **OTHER_NAME},
    "pin, namespace": {"steps.py": "import ns.two\n" + STEP.format("ns.two.f(x)"), **NAMESPACE},
    "pin, no metadata": {"steps.py": "import vendored\n" + STEP.format("vendored.f(x)"), **LOOSE},
    "pin, no metadata, edited": {"steps.py": "import vendored\n" + STEP.format("vendored.f(x)"), "site-packages/vendored.py": LOOSE["site-packages/vendored.py"].replace("2", "3")},
    "lazy pin": {"steps.py": "def step(x):\n    import fakelib\n    return fakelib.f(x)\n", **LIBRARY},
    "lazy pin upgraded": {"steps.py": "def step(x):\n    from fakelib import f\n    return f(x)\n", **UPGRADED},
    "readers": {"steps.py": "import polars as pl\nimport pyarrow.parquet as pq\ndef _h(p):\n    return pl.read_parquet(p), pq.read_table('data.parquet')\n" + STEP.format("_h(x)")},
    "readers, lazy": {"steps.py": "def step(x):\n    import pandas as pd\n    from pyarrow.parquet import read_table as rt\n    return pd.read_parquet(x), rt(x)\n"},
    "readers, imported only": {"steps.py": "import polars as pl\nimport pyarrow.parquet as pq\n" + STEP.format("pl.DataFrame({'a': [x]})")},
    "clocks": {"steps.py": "import time, random\n" + STEP.format("time.time() + random.random()")},
    "reason": {"steps.py": "def _h(v):\n    return eval('v')\n" + STEP.format("_h(x)"), "other.py": "K = 1\n"},
    "eval of a model": {"steps.py": "class M:\n    def eval(self):\n        return self\n    def compile(self):\n        return self\nm = M()\n" + STEP.format("m.eval().compile()")},
    "stack": {"steps.py": "import re\nimport numpy as np\n" + STEP.format("np.stack([x]), re.compile('a')")},
    "chain": {"steps.py": "".join(f"def f{i}(v):\n    return f{i + 1}(v)\n" for i in range(2000)) + "def f2000(v):\n    return v\n" + STEP.format("f0(x)")},
    "two lambdas": {"steps.py": "R = {'a': lambda v: v, 'b': lambda v: v + 1}\n" + STEP.format("R['a'](x)")},
    "helper": {"steps.py": "def _h(v):\n    return v\n" + STEP.format("_h(x)")},
    "helper is a step": {"steps.py": "from mlops_core import step as _step\n@_step\ndef _h(v):\n    return v\n@_step\n" + STEP.format("_h(x)")},
    "partial of a step": {"steps.py": "from mlops_core import step as _step\n@_step\ndef _h(v, w):\n    return v\n_p = _h.partial(1)\n" + STEP.format("_p(x)")},
    "partial of a step, other argument": {"steps.py": "from mlops_core import step as _step\n@_step\ndef _h(v, w):\n    return v\n_p = _h.partial(2)\n" + STEP.format("_p(x)")},
    "unfingerprintable": {"steps.py": "CONNECTION = (i for i in range(3))\n" + STEP.format("CONNECTION")},
    "open file": {"steps.py": "STREAM = open(__file__)\n" + STEP.format("STREAM.read()")},
}  # fmt: skip


@pytest.fixture(scope="module")
def seen(fingerprint_projects: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return fingerprint_projects(PROJECTS)


def test_parts_name_functions_files_and_the_way_to_them(seen: dict[str, Any]) -> None:
    parts = seen["parts"]["parts"]
    assert set(parts) == {"steps.py:step", "steps.py:K", "lib/mid.py:mid", "lib/leaf.py:leaf"}
    _, kind, file, line, via = parts["lib/leaf.py:leaf"]
    assert (kind, file, line, via) == ("function", "lib/leaf.py", 1, "lib/mid.py:mid")
    assert parts["steps.py:K"][1] == "constant"
    assert parts["steps.py:step"][4] == ""


def test_a_part_covers_itself_only(seen: dict[str, Any]) -> None:
    before, after = seen["parts"], seen["parts, leaf edited"]
    assert before["digest"] != after["digest"]
    changed = [label for label in before["parts"] if before["parts"][label][0] != after["parts"][label][0]]
    assert changed == ["lib/leaf.py:leaf"]


@pytest.mark.parametrize("name", ["pin", "pin of a class", "lazy pin"])
def test_libraries_are_pinned_by_version(name: str, seen: dict[str, Any]) -> None:
    assert seen[name]["pins"] == [["fakelib", "1.0"]]


def test_an_upgrade_counts(seen: dict[str, Any]) -> None:
    assert seen["pin upgraded"]["pins"] == [["fakelib", "2.0"]]
    assert seen["pin"]["digest"] != seen["pin upgraded"]["digest"]
    assert seen["lazy pin upgraded"]["pins"] == [["fakelib", "2.0"]]


def test_what_the_step_does_not_touch_is_not_pinned(seen: dict[str, Any]) -> None:
    assert seen["pin untouched"]["pins"] == []


def test_distributions_are_found_whatever_they_are_called(seen: dict[str, Any]) -> None:
    assert seen["pin, other name"]["pins"] == [["dist-name", "3.1"]]
    assert seen["pin, namespace"]["pins"] == [["ns-two", "2.0"]]


def test_a_package_without_metadata_counts_by_its_files(seen: dict[str, Any]) -> None:
    ((name, version),) = seen["pin, no metadata"]["pins"]
    assert name == "vendored"
    assert version.startswith("files ")
    assert seen["pin, no metadata"]["digest"] != seen["pin, no metadata, edited"]["digest"]


def test_an_import_inside_the_function_does_not_load_a_library(seen: dict[str, Any]) -> None:
    assert "fakelib" not in seen["lazy pin"]["loaded"]
    assert "pandas" not in seen["readers, lazy"]["loaded"]


def test_native_readers_are_named(seen: dict[str, Any]) -> None:
    assert seen["readers"]["readers"] == ["polars.read_parquet", "pyarrow.parquet.read_table"]
    assert "data.parquet" in seen["readers"]["texts"]
    assert seen["readers, lazy"]["readers"] == ["pandas.read_parquet", "pyarrow.parquet.read_table"]
    assert seen["readers, imported only"]["readers"] == []


def test_clocks_are_named(seen: dict[str, Any]) -> None:
    assert seen["clocks"]["clocks"] == ["random.random", "time.time"]


def test_widening_gives_its_reason_and_lists_the_sources(seen: dict[str, Any]) -> None:
    (sentence,) = seen["reason"]["widened"]
    assert sentence == "steps.py:_h calls eval(), so all first-party source counts"
    assert [label for label, part in seen["reason"]["parts"].items() if part[1] == "project"] == [
        "other.py",
        "steps.py",
    ]


@pytest.mark.parametrize("name", ["eval of a model", "stack"])
def test_names_alike_do_not_widen(name: str, seen: dict[str, Any]) -> None:
    assert seen[name]["widened"] == []


def test_two_thousand_functions_in_a_chain(seen: dict[str, Any]) -> None:
    assert len(seen["chain"]["parts"]) == 2002


@pytest.mark.parametrize(
    ("name", "where"), [("unfingerprintable", "steps.py:CONNECTION"), ("open file", "steps.py:STREAM")]
)
def test_state_without_content_is_refused_by_name(name: str, where: str, seen: dict[str, Any]) -> None:
    assert seen[name]["error"].startswith(f"UnfingerprintableValue: {where} cannot be fingerprinted")


def test_labels_tell_parts_apart(seen: dict[str, Any]) -> None:
    assert {"steps.py:<lambda>", "steps.py:<lambda> (2)"} <= set(seen["two lambdas"]["parts"])


def test_a_step_counts_as_its_function(seen: dict[str, Any]) -> None:
    plain, decorated = seen["helper"], seen["helper is a step"]
    assert plain["digest"] == decorated["digest"]
    assert seen["partial of a step"]["digest"] != seen["partial of a step, other argument"]["digest"]
