"""Every scenario: run, again, edit, run, again, put back. Nothing stale, nothing needless, all explained."""

from collections.abc import Callable
from typing import Any

BEFORE, AFTER = 0, 1


def test_an_edit_runs_what_it_must(scenario: Any, face: str, make_project: Callable[[Any, str], Any]) -> None:
    project = make_project(scenario, face)
    first = project.said()
    assert first.status == "ran", first
    assert_repeats(project, scenario)
    project.write(AFTER)
    project.move()
    edited = project.said()
    assert_as_expected(scenario, edited)
    if face == "call":
        assert edited.value == project.plain()
    assert_repeats(project, scenario)
    project.write(BEFORE)
    assert_as_at_first(project, scenario, first)


def assert_as_expected(scenario: Any, said: Any) -> None:
    status, *why = scenario.expected("then") or ["ran", *scenario.expected("always")]
    assert said.status == status, said
    if why:
        assert set(why[0].split("|")) & set(said.kinds), said
        assert "".join(why[1:]) in said.reason, said


def assert_repeats(project: Any, scenario: Any) -> None:
    """Nothing has changed: a hit, or a run each time with its reason."""
    said = project.said()
    always = scenario.expected("always")
    assert said.status == ("ran" if always else "cached"), said
    assert not always or always[0] in said.kinds, said


def assert_as_at_first(project: Any, scenario: Any, first: Any) -> None:
    """What was edited is put back: the older result is found again."""
    said = project.said()
    if not scenario.expected("always"):
        assert said.status == "cached", said
    assert said.value == first.value
