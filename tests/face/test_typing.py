"""The stubs and ``py.typed`` ship, and say what the contract says."""

import re
import tomllib
from pathlib import Path

import pytest
from mypy import api

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture(scope="module")
def check(tmp_path_factory):
    """Run ``mypy --strict`` over one program of this folder; its lines of output."""
    cache = tmp_path_factory.mktemp("mypy")

    def run(program: str) -> list[str]:
        arguments = ["--strict", "--no-error-summary", "--follow-imports=silent", "--config-file="]
        arguments.append("--disable-error-code=empty-body")  # the steps of the programs have none
        out, err, _ = api.run([*arguments, f"--cache-dir={cache}", str(HERE / program)])
        assert err == ""
        return out.splitlines()

    return run


def test_every_public_name_has_the_type_it_stands_for(check):
    assert check("typed_program.py") == []


def test_the_typed_program_uses_every_public_name():
    import mlops_core

    text = (HERE / "typed_program.py").read_text()
    assert all(re.search(rf"\b{name}\b", text) for name in mlops_core.__all__)


def test_mistakes_are_found_where_they_are_made(check):
    lines = (HERE / "wrong_program.py").read_text().splitlines()
    expected = {n: line.partition("# expect: ")[2] for n, line in enumerate(lines, 1) if "# expect: " in line}
    found = {}
    for line in check("wrong_program.py"):
        told = re.match(r".*wrong_program\.py:(\d+): error: .*\[([\w-]+)\]$", line)
        if told:
            found[int(told[1])] = told[2]
    assert found == expected


def test_stubs_and_marker_ship_in_the_package():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    shipped = settings["tool"]["setuptools"]["package-data"]["mlops_core"]
    assert {"py.typed", "**/*.pyi"} <= set(shipped)
    import mlops_core

    folder = Path(mlops_core.__file__).parent
    assert (folder / "py.typed").exists()
    assert (folder / "__init__.pyi").exists()


def test_the_stub_names_what_the_face_names():
    import mlops_core

    stub = (Path(mlops_core.__file__).parent / "__init__.pyi").read_text()
    listed = re.search(r"__all__ = \[(.*?)\]", stub, re.DOTALL)
    assert re.findall(r'"(\w+)"', listed[1]) == mlops_core.__all__
