"""Measuring contenders interleaved: A B C, C B A, A B C ..., so that drift of the machine hits all alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

Act = Callable[[], object]
Clock = Callable[[], float]

_WARM_UPS = 2
_MOST_REPEATS = 1_000_000


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do the same thing.

    ``act`` is what is timed; without it the row says ``note``. ``before`` prepares each sample, untimed; such
    a sample is one act.
    """

    name: str
    act: Act | None = None
    before: Act | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """What was measured of one contender, one sample per round; no samples where it could not run.

    Seconds per act, or bytes on the disk where its group says so.
    """

    name: str
    samples: tuple[float, ...]
    note: str = ""


def interleaved(
    contenders: Sequence[Contender],
    rounds: int,
    least_seconds: float = 0.0,
    clock: Clock = perf_counter,
    warm_ups: int = _WARM_UPS,
) -> list[Series]:
    """Time every contender once per round, in alternating order, after warm-ups.

    A sample repeats its act until about ``least_seconds`` have passed and is the mean of one act.
    """
    able = [c for c in contenders if c.act is not None]
    repeats = {c.name: _repeats(c, least_seconds, clock, warm_ups) for c in able}
    samples: dict[str, list[float]] = {c.name: [] for c in contenders}
    for number in range(rounds):
        for contender in able if number % 2 == 0 else reversed(able):
            samples[contender.name].append(_sample(contender, repeats[contender.name], clock))
    return [Series(c.name, tuple(samples[c.name]), c.note) for c in contenders]


def per_piece(found: Sequence[Series], pieces: int) -> list[Series]:
    """The same, divided by the number of pieces that one act works on."""
    return [replace(series, samples=tuple(sample / pieces for sample in series.samples)) for series in found]


def _repeats(contender: Contender, least_seconds: float, clock: Clock, warm_ups: int) -> int:
    """Warm up, and find how many acts make a sample long enough."""
    taken = least_seconds
    for _ in range(warm_ups):
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
