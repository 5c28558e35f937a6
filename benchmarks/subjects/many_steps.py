"""How the cost of a run grows with its steps: with nothing to do, and the first time."""

from pathlib import Path

from benchmarks import chains, ninja
from benchmarks.goals import BARE_PYTHON
from benchmarks.measure import Contender, interleaved, per_piece
from benchmarks.processes import python
from benchmarks.results import Group
from benchmarks.scale import Scale

_ROUNDS = 3
_ONCE_FROM = 10_000
#: ninja overflows its stack in a chain of 100,000.
_LONGEST_FOR_NINJA = 10_000


def measure(scale: Scale, folder: Path) -> list[Group]:
    """Two groups per length, as time per step."""
    return [group for length in scale.many_steps for group in _groups(length, folder / str(length))]


def _groups(length: int, folder: Path) -> list[Group]:
    rounds = 1 if length >= _ONCE_FROM else _ROUNDS
    start = Contender(BARE_PYTHON, python("-c", "pass", folder=folder.parent))
    first = [chains.ours(length, folder, afresh=True), start]
    beside = [ninja.contender(length, folder)] if length <= _LONGEST_FOR_NINJA else []
    again = [chains.ours(length, folder, afresh=False), *beside, start]
    title = f"chain of {length:,} steps, whole process: time per step"
    jobs = (("first", "first run", first, 0), ("again", "nothing to do", again, 1))  # in this order
    return [
        Group(
            f"many_steps/{key}/{length}",
            f"{what}, {title}",
            per_piece(interleaved(contenders, rounds, warm_ups=warm_ups), length),
        )
        for key, what, contenders, warm_ups in jobs
    ]
