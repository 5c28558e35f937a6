"""Which values go: a pure decision over a survey."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mlops_core.execution.upkeep.survey import Survey, Value, step_of


class Rules(NamedTuple):
    """``budget`` in bytes for the whole store, ``older_than`` in seconds since the last use, ``keep_last``
    values of every step that stay. Without a budget and an age, ``keep_last`` alone says what stays."""

    budget: int | None = None
    older_than: float | None = None
    keep_last: int | None = None


@dataclass(slots=True)
class Choice:
    """``gone`` are the values to remove and why; everything else follows from them.

    ``cells`` and ``artifacts`` are what nothing needs afterwards; ``freed`` and ``left`` bytes on disk.
    """

    gone: dict[bytes, str]
    cells: frozenset[bytes]
    artifacts: frozenset[bytes]
    freed: int
    left: int


def choose(survey: Survey, rules: Rules, now: float) -> Choice:
    """Apply the rules. Values in use, and what the newest succeeded runs returned, always stay."""
    gone = {value.digest: value.fault for value in survey.values.values() if value.fault and value.results}
    kept = {d: v for d, v in survey.values.items() if d not in gone}
    free = {d: v for d, v in kept.items() if not v.protected}
    last = _last_of_each_step(kept, rules.keep_last)
    free = {d: v for d, v in free.items() if d not in last}
    gone.update(_by_age(free, rules, now))
    if rules.budget is not None:
        gone.update(_by_budget(survey, free, gone, rules.budget))
    return _outcome(survey, gone)


def _last_of_each_step(values: dict[bytes, Value], count: int | None) -> set[bytes]:
    """The values of the newest records of every step, ``count`` different ones each."""
    if not count:
        return set()
    by_step: dict[tuple[str, str], list[tuple[int, bytes]]] = {}
    for value in values.values():
        newest: dict[tuple[str, str], int] = {}
        for result in value.results:
            newest[step_of(result)] = max(result.id, newest.get(step_of(result), 0))
        for step, id in newest.items():
            by_step.setdefault(step, []).append((id, value.digest))
    return {digest for found in by_step.values() for _, digest in sorted(found)[-count:]}


def _by_age(free: dict[bytes, Value], rules: Rules, now: float) -> Iterator[tuple[bytes, str]]:
    if rules.older_than is not None:
        for digest, value in free.items():
            if now - value.used > rules.older_than:
                yield digest, "not used for so long"
    elif rules.keep_last is not None and rules.budget is None:
        for digest in free:
            yield digest, f"not among the last {rules.keep_last} of its step"


def _by_budget(
    survey: Survey, free: dict[bytes, Value], gone: dict[bytes, str], budget: int
) -> dict[bytes, str]:
    """The values that save the fewest seconds a byte, until what is left fits."""
    holders = _holders(survey, gone)
    free = {digest: value for digest, value in free.items() if digest not in gone and value.cells}
    left = survey.size(holders.keys() | (survey.in_use & survey.sizes.keys()))
    worth = _Worth(survey, holders)
    queue = [(worth.of(v), v.used, d) for d, v in free.items()]
    heapq.heapify(queue)
    removed: dict[bytes, str] = {}
    while left > budget and queue:
        density, used, digest = heapq.heappop(queue)
        value = free[digest]
        now_worth = worth.of(value)
        if now_worth < density:  # what it shared with others is its own by now: it costs more room
            heapq.heappush(queue, (now_worth, used, digest))
            continue
        removed[digest] = "it saves the least time for the room that it takes"
        left -= worth.remove(value)
    # One whose cells others keep anyway may as well stay.
    return {d: why for d, why in removed.items() if not all(map(holders.get, free[d].cells))}


class _Worth:
    """Seconds saved per byte, where a cell that several values need counts to each in part."""

    def __init__(self, survey: Survey, holders: dict[bytes, int]) -> None:
        self._survey = survey
        self._holders = holders

    def of(self, value: Value) -> float:
        share = sum(self._survey.sizes.get(c, 0) / self._holders.get(c, 1) for c in value.cells)
        return value.seconds / share if share else float("inf")

    def remove(self, value: Value) -> int:
        """Take a value out; gives the bytes that nothing needs any more."""
        freed = 0
        for cell in value.cells:
            self._holders[cell] -= 1
            if not self._holders[cell] and cell not in self._survey.in_use:
                freed += self._survey.sizes.get(cell, 0)
        return freed


def _holders(survey: Survey, gone: dict[bytes, str]) -> dict[bytes, int]:
    """How many values that stay need each cell."""
    holders: dict[bytes, int] = {}
    for value in survey.values.values():
        if value.digest not in gone:
            for cell in value.cells:
                holders[cell] = holders.get(cell, 0) + 1
    return holders


def _outcome(survey: Survey, gone: dict[bytes, str]) -> Choice:
    stay = [value for value in survey.values.values() if value.digest not in gone]
    cells = survey.in_use.union(*(value.cells for value in stay))
    artifacts = survey.in_use.union(*(value.parts for value in stay))
    dead = frozenset(survey.sizes.keys() - cells)
    freed = survey.size(dead)
    left = survey.size(survey.sizes) - freed
    return Choice(gone, dead | survey.broken, survey.artifacts - artifacts, freed, left)
