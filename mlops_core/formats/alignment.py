"""Two sequences of digests laid side by side: which runs of one are not in the other.

Linear where they begin or end alike; in between, items that occur once in both are lined up. Work is bounded
for sequences without such items, too: then a gap may be longer than it had to be, never wrong.
"""

import bisect
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

#: Gaps of at most so many pairs are searched pair by pair.
_MOST_PAIRS = 10_000
#: All gaps together are looked through so often.
_MOST_ROUNDS = 16


class Gap(NamedTuple):
    """Items ``before[start:end]`` stand where ``after[start:end]`` stand now; one of them may be empty."""

    before: tuple[int, int]
    after: tuple[int, int]


def gaps(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[Gap]:
    """Where the sequences differ, in order; what lies between two gaps is equal."""
    found: list[Gap] = []
    waiting = [Gap((0, len(before)), (0, len(after)))]
    work = _MOST_ROUNDS * (len(before) + len(after))
    while waiting:
        gap = _trimmed(before, after, waiting.pop())
        work -= _length(gap)
        pairs = _pairs(before, after, gap) if work > 0 and _has_both(gap) else []
        if pairs:
            waiting.extend(reversed(_between(gap, pairs)))
        elif _length(gap):
            found.append(gap)
    return found


def _length(gap: Gap) -> int:
    return gap.before[1] - gap.before[0] + gap.after[1] - gap.after[0]


def _has_both(gap: Gap) -> bool:
    return gap.before[0] < gap.before[1] and gap.after[0] < gap.after[1]


def _trimmed(before: Sequence[Hashable], after: Sequence[Hashable], gap: Gap) -> Gap:
    """The gap without what is equal at its ends."""
    (a, a_end), (b, b_end) = gap
    while a < a_end and b < b_end and before[a] == after[b]:
        a, b = a + 1, b + 1
    while a < a_end and b < b_end and before[a_end - 1] == after[b_end - 1]:
        a_end, b_end = a_end - 1, b_end - 1
    return Gap((a, a_end), (b, b_end))


def _between(gap: Gap, pairs: list[tuple[int, int]]) -> list[Gap]:
    """What is left of a gap between pairs of equal items."""
    left: list[Gap] = []
    a, b = gap.before[0], gap.after[0]
    for at, there in [*pairs, (gap.before[1], gap.after[1])]:
        if a < at or b < there:
            left.append(Gap((a, at), (b, there)))
        a, b = at + 1, there + 1
    return left


def _pairs(before: Sequence[Hashable], after: Sequence[Hashable], gap: Gap) -> list[tuple[int, int]]:
    """Pairs of equal items inside the gap, rising in both; none where no good ones are found cheaply."""
    old, new = before[slice(*gap.before)], after[slice(*gap.after)]
    pairs = _unique_pairs(old, new)
    if not pairs and len(old) * len(new) <= _MOST_PAIRS:
        pairs = _longest_common(old, new)
    elif not pairs and len(old) == len(new):
        pairs = [(i, i) for i, item in enumerate(old) if item == new[i]]
    return [(gap.before[0] + a, gap.after[0] + b) for a, b in pairs]


def _unique_pairs(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Items that occur once in both, as many as rise together."""
    counts, others = Counter(old), Counter(new)
    places = {item: place for place, item in enumerate(new) if others[item] == 1}
    return _rising([(i, places[item]) for i, item in enumerate(old) if counts[item] == 1 and item in places])


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A longest part of the pairs whose second numbers rise, too (patience sorting)."""
    tops: list[int] = []
    holders: list[int] = []
    previous: list[int] = []
    for number, (_, place) in enumerate(pairs):
        pile = bisect.bisect_left(tops, place)
        previous.append(holders[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(place)
            holders.append(number)
        else:
            tops[pile], holders[pile] = place, number
    chosen: list[tuple[int, int]] = []
    at = holders[-1] if holders else -1
    while at >= 0:
        chosen.append(pairs[at])
        at = previous[at]
    return chosen[::-1]


def _longest_common(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """A longest common subsequence, by the table of all pairs."""
    lengths = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            equal = old[i] == new[j]
            lengths[i][j] = lengths[i + 1][j + 1] + 1 if equal else max(lengths[i + 1][j], lengths[i][j + 1])
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if old[i] == new[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs
