"""Whether a goal was met, in words."""

from benchmarks.amounts import amount
from benchmarks.goals import Goal
from benchmarks.results import Group


def is_met(goal: Goal, group: Group | None) -> bool | None:
    """None where it was not measured."""
    measured = None if group is None else goal.measured(group)
    return None if measured is None else measured <= goal.most


def wanted(goal: Goal) -> str:
    """The goal itself."""
    if not goal.against:
        return f"at most {amount(goal.most, 's')}"
    if goal.most == 1:
        return f"no more than {goal.against}"
    if goal.most < 1:
        return f"{1 / goal.most:.0f}x sooner than {goal.against}"
    return f"at most {goal.most:g}x {goal.against}"


def said(goal: Goal, group: Group | None) -> str:
    """Met or missed."""
    return {True: "met", False: "MISSED", None: "not measured"}[is_met(goal, group)]


def value(goal: Goal, group: Group | None) -> str:
    """What was measured, by the goal's measure."""
    measured = None if group is None else goal.measured(group)
    if measured is None or group is None:
        return "-"
    return f"{measured:.2f}x" if goal.against else amount(measured, group.unit)
