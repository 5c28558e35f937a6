from collections.abc import Callable

import pytest

from benchmarks.measure import Contender, interleaved


class FakeClock:
    """Time passes only when an act says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def taking(self, seconds: float) -> Callable[[], None]:
        def act() -> None:
            self.now += seconds

        return act


def test_each_round_times_everybody_and_every_second_one_in_reverse() -> None:
    order: list[str] = []
    contenders = [Contender(name, lambda name=name: order.append(name)) for name in "abc"]

    interleaved(contenders, rounds=2)

    assert "".join(order[-6:]) == "abccba"


def test_short_acts_are_repeated_and_divided() -> None:
    clock = FakeClock()
    count = 0

    def act() -> None:
        nonlocal count
        count += 1
        clock.now += 0.25

    (timing,) = interleaved([Contender("a", act)], rounds=3, least_seconds=4.0, clock=clock)

    assert timing.samples == (0.25, 0.25, 0.25)
    assert count > 3 * 16


def test_preparation_is_not_timed_and_comes_before_every_act() -> None:
    clock = FakeClock()
    events: list[str] = []

    def before() -> None:
        events.append("before")
        clock.now += 100

    def act() -> None:
        events.append("act")
        clock.now += 1

    (timing,) = interleaved([Contender("a", act, before)], rounds=2, least_seconds=50, clock=clock)

    assert timing.samples == (1.0, 1.0)
    assert events == ["before", "act"] * (len(events) // 2)


def test_a_contender_that_cannot_run_keeps_its_note() -> None:
    clock = FakeClock()
    timings = interleaved(
        [Contender("a", clock.taking(1)), Contender("b", note="not installed")], rounds=2, clock=clock
    )

    assert [(t.name, t.samples, t.note) for t in timings] == [
        ("a", (1.0, 1.0), ""),
        ("b", (), "not installed"),
    ]


def test_an_act_that_fails_is_not_measured() -> None:
    with pytest.raises(ZeroDivisionError):
        interleaved([Contender("a", lambda: 1 / 0)], rounds=1)
