import json
from pathlib import Path

import pytest

from benchmarks import table
from benchmarks.amounts import amount, comparison
from benchmarks.goals import Goal
from benchmarks.measure import Series
from benchmarks.page import BEGIN, END, write_into
from benchmarks.results import BYTES, SECONDS, Group, from_json, spread
from benchmarks.table import render

GOALS = [
    Goal("a call", "call", 0.2, "slow peer"),
    Goal("a call", "call", 1.8, "floor"),
    Goal("a call", "call", 2e-6),
]
MACHINE = {
    "cores": 2,
    "processor": "a processor",
    "memory_gib": 8,
    "system": "a system",
    "python": "3.11",
    "versions": {"numpy": "2.0", "joblib": None},
}


def group() -> Group:
    return Group(
        "call",
        "a cached call",
        [
            Series("mlops_core", (1e-6, 2e-6, 1e-6)),
            Series("slow peer", (10e-6, 40e-6, 10e-6)),
            Series("floor", (0.5e-6, 1e-6, 0.5e-6)),
            Series("absent peer", (), note="not installed"),
        ],
    )


def test_the_ratio_is_that_of_the_medians() -> None:
    assert group().ratio(group().series[1]) == pytest.approx(0.1)
    assert group().ratio(group().series[3]) is None


def test_the_table_says_who_is_sooner_and_whether_goals_are_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "goals_of", lambda key: GOALS)

    assert render([group()]).splitlines() == [
        "                                   median     spread  we are",
        "",
        "a cached call",
        "  mlops_core                       1 us                               goal 2 us: met",
        "  slow peer                        10 us              10.0x sooner    goal 0.2x: met",
        "  floor                            500 ns             2.00x its time  goal 1.8x: MISSED",
        "  absent peer                      not installed",
    ]


def test_json_has_ratios_and_comes_back() -> None:
    document = json.loads(json.dumps(group().as_json()))

    assert document["contenders"][1]["ratio"] == pytest.approx(0.1)
    assert from_json(document) == group()


def test_results_stand_between_the_marks_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nso far\n{END}\nafter\n", encoding="utf-8")

    write_into(page, MACHINE, [group()])

    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n\nMeasured on 2 cores (a processor), 8 GiB of memory")
    assert text.endswith(f"```\n\n{END}\nafter\n")
    assert "so far" not in text
    assert "numpy 2.0." in text


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text(f"{BEGIN}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no lines"):
        write_into(tmp_path / "page.md", MACHINE, [])


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (2.0, SECONDS, "2 s"),
        (0.0123, SECONDS, "12.3 ms"),
        (4.56e-6, SECONDS, "4.56 us"),
        (7e-10, SECONDS, "0.7 ns"),
        (3.04e9, BYTES, "3.04 GB"),
        (123_456, BYTES, "123 kB"),
    ],
)
def test_amounts_have_a_fitting_unit(value: float, unit: str, text: str) -> None:
    assert amount(value, unit) == text


@pytest.mark.parametrize(
    ("ratio", "unit", "text"),
    [
        (0.05, SECONDS, "20.0x sooner"),
        (1.25, SECONDS, "1.25x its time"),
        (0.5, BYTES, "2.0x smaller"),
        (1.03, BYTES, "1.03x its bytes"),
    ],
)
def test_ratios_are_said_the_way_that_reads(ratio: float, unit: str, text: str) -> None:
    assert comparison(ratio, unit) == text


def test_spread_is_half_the_distance_of_the_quartiles() -> None:
    assert spread((1.0, 2.0, 3.0, 4.0, 5.0)) == pytest.approx(0.5)
    assert spread((1.0, 2.0)) is None
