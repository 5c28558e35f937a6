import pytest

from benchmarks import goals, verdict
from benchmarks.goals import GOALS, Goal
from benchmarks.measure import Series
from benchmarks.results import Group
from benchmarks.subjects import NAMES


def call(ours: float) -> Group:
    return Group("call", "a call", [Series("mlops_core", (ours,)), Series("peer", (10e-6,))])


@pytest.mark.parametrize(
    ("goal", "ours", "said"),
    [
        (Goal("a call", "call", 1.5, "peer"), 15e-6, "met"),
        (Goal("a call", "call", 1.5, "peer"), 16e-6, "MISSED"),
        (Goal("a call", "call", 20e-6), 20e-6, "met"),
        (Goal("a call", "call", 20e-6), 21e-6, "MISSED"),
        (Goal("a call", "call", 1.0, "absent"), 1e-6, "not measured"),
    ],
)
def test_a_goal_is_met_missed_or_not_measured(goal: Goal, ours: float, said: str) -> None:
    assert verdict.said(goal, call(ours)) == said
    assert verdict.said(goal, None) == "not measured"


@pytest.mark.parametrize(
    ("goal", "text"),
    [
        (Goal("w", "g", 20e-6), "at most 20 us"),
        (Goal("w", "g", 1.5, "find"), "at most 1.5x find"),
        (Goal("w", "g", 0.2, "joblib"), "5x sooner than joblib"),
        (Goal("w", "g", 1.0, "borg"), "no more than borg"),
    ],
)
def test_goals_are_said_in_words(goal: Goal, text: str) -> None:
    assert verdict.wanted(goal) == text


def test_every_goal_belongs_to_a_subject() -> None:
    assert {goal.group.partition("/")[0] for goal in GOALS} <= set(NAMES)
    assert goals.goals_of("importing") == [goal for goal in GOALS if goal.group == "importing"]
