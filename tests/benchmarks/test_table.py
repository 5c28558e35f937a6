import json

import pytest

from benchmarks.measure import Timing
from benchmarks.results import Group, from_json, spread
from benchmarks.table import comparison, render, seconds


def group() -> Group:
    return Group(
        "a cached call",
        [
            Timing("mlops_core", (1e-6, 2e-6, 1e-6)),
            Timing("slow peer", (10e-6, 40e-6, 10e-6), goal=0.2),
            Timing("floor", (0.5e-6, 1e-6, 0.5e-6), goal=1.8),
            Timing("absent peer", (), note="not installed"),
        ],
    )


def test_the_ratio_compares_each_round_with_itself() -> None:
    assert group().ratio(group().timings[1]) == pytest.approx(0.1)
    assert group().ratio(group().timings[3]) is None


def test_the_table_says_who_is_sooner_and_whether_goals_are_met() -> None:
    assert render([group()]).splitlines() == [
        "                               median     spread  we are",
        "",
        "a cached call",
        "  mlops_core                   1 us",
        "  slow peer                    10 us              10.0x sooner    goal 5x sooner: met",
        "  floor                        500 ns             2.00x its time  goal at most 1.8x: MISSED",
        "  absent peer                  not installed",
    ]


def test_json_has_ratios_and_goals_and_comes_back() -> None:
    document = json.loads(json.dumps(group().as_json()))

    peer = document["contenders"][1]
    assert peer["ratio"] == pytest.approx(0.1)
    assert (peer["goal"], peer["met"]) == (0.2, True)
    assert document["contenders"][2]["met"] is False
    assert from_json(document) == group()


@pytest.mark.parametrize(
    ("value", "text"), [(2.0, "2 s"), (0.0123, "12.3 ms"), (4.56e-6, "4.56 us"), (7e-10, "0.7 ns")]
)
def test_durations_have_a_fitting_unit(value: float, text: str) -> None:
    assert seconds(value) == text


@pytest.mark.parametrize(("ratio", "text"), [(0.05, "20.0x sooner"), (1.25, "1.25x its time")])
def test_ratios_are_said_the_way_that_reads(ratio: float, text: str) -> None:
    assert comparison(ratio) == text


def test_spread_is_half_the_distance_of_the_quartiles() -> None:
    assert spread((1.0, 2.0, 3.0, 4.0, 5.0)) == pytest.approx(0.5)
    assert spread((1.0, 2.0)) is None
