"""Every scenario: run, again, edit, run, again, put back. Nothing stale, nothing needless, all explained."""

from typing import Any


def test_an_edit_runs_what_it_must(scenario: Any, face: str, carrier: Any) -> None:
    carried = carrier.result(scenario, face)
    always = scenario.expected("always")
    assert carried.first.status == "ran", carried.first
    assert_repeats(always, carried.again)
    assert_as_expected(scenario.expected("then") or ["ran", *always], carried.edited)
    assert carried.edited.value == carried.plain
    assert_repeats(always, carried.edited_again)
    if carried.back is not None:
        assert carried.back.status == ("ran" if always else "cached"), carried.back
        assert carried.back.value == carried.first.value


def assert_as_expected(expected: list[str], said: Any) -> None:
    """The status; and if the scenario names one, a kind and a part of the reason."""
    status, *why = expected
    assert said.status == status, said
    if why:
        assert set(why[0].split("|")) & set(said.kinds), said
        assert "".join(why[1:]) in said.reason, said


def assert_repeats(always: list[str], said: Any) -> None:
    """Nothing has changed: a hit, or a run each time with its reason."""
    assert said.status == ("ran" if always else "cached"), said
    assert not always or always[0] in said.kinds, said
