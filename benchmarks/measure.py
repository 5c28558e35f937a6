"""Measuring contenders interleaved: A B C, C B A, A B C ..., so that drift of the machine hits all alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

Act = Callable[[], object]
Clock = Callable[[], float]

_WARM_UPS = 2
_MOST_REPEATS = 1_000_000


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do the same thing.

    ``act`` is what is timed; without it the row says ``note``. ``before`` prepares each sample, untimed; such
    a sample is one act. ``goal`` is the most that our time may be of this one's time.
    """

    name: str
    act: Act | None = None
    before: Act | None = None
    goal: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds per act of one contender, one sample per round; no samples where it could not run."""

    name: str
    samples: tuple[float, ...]
    goal: float | None = None
    note: str = ""


def interleaved(
    contenders: Sequence[Contender], rounds: int, least_seconds: float = 0.0, clock: Clock = perf_counter
) -> list[Timing]:
    """Time every contender once per round, in alternating order, after warm-ups.

    A sample repeats its act until about ``least_seconds`` have passed and is the mean of one act.
    """
    able = [c for c in contenders if c.act is not None]
    repeats = {c.name: _repeats(c, least_seconds, clock) for c in able}
    samples: dict[str, list[float]] = {c.name: [] for c in contenders}
    for number in range(rounds):
        for contender in able if number % 2 == 0 else reversed(able):
            samples[contender.name].append(_sample(contender, repeats[contender.name], clock))
    return [Timing(c.name, tuple(samples[c.name]), c.goal, c.note) for c in contenders]


def _repeats(contender: Contender, least_seconds: float, clock: Clock) -> int:
    """Warm up, and find how many acts make a sample long enough."""
    for _ in range(_WARM_UPS):
        taken = _sample(contender, 1, clock)
    repeats = 1
    while contender.before is None and taken * repeats < least_seconds and repeats < _MOST_REPEATS:
        repeats *= 2
        taken = _sample(contender, repeats, clock)
    return repeats


def _sample(contender: Contender, repeats: int, clock: Clock) -> float:
    act = contender.act
    assert act is not None
    if contender.before is not None:
        contender.before()
    started = clock()
    for _ in range(repeats):
        act()
    return (clock() - started) / repeats
