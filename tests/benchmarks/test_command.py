import json
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks.measure import Series
from benchmarks.page import BEGIN, END
from benchmarks.results import Group


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the subjects that the command measures, in order."""
    names: list[str] = []

    def measure(name: str, scale: object) -> list[Group]:
        names.append(name)
        return [Group(name, f"the subject {name}", [Series("mlops_core", (1.0,)), Series("peer", (2.0,))])]

    monkeypatch.setattr(command, "measured", measure)
    return names


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", *arguments])
    command.main()


def test_a_run_goes_on_after_a_break(
    measured: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "results.json"
    run(monkeypatch, "--json", str(file), "--only", "importing")
    run(monkeypatch, "--json", str(file), "--only", "importing", "--only", "help_text", "--resume")

    assert measured == ["importing", "help_text"]
    assert list(json.loads(file.read_text())["subjects"]) == ["importing", "help_text"]


def test_the_page_gets_all_that_was_measured(
    measured: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}\n{END}\n", encoding="utf-8")
    run(monkeypatch, "--json", str(tmp_path / "f"), "--only", "help_text", "--page", str(page))

    assert "the subject help_text" in page.read_text(encoding="utf-8")
    assert "2.0x sooner" in capsys.readouterr().out
