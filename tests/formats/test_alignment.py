"""Two sequences laid side by side."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_core.formats.alignment import Gap, gaps


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("abc", "abc", []),
        ("abc", "abcd", [((3, 3), (3, 4))]),
        ("abc", "xabc", [((0, 0), (0, 1))]),
        ("abc", "ac", [((1, 2), (1, 1))]),
        ("abc", "axc", [((1, 2), (1, 2))]),
        ("abcdef", "abXcdYYf", [((2, 2), (2, 3)), ((4, 5), (5, 7))]),
        ("zzzz", "zzzzzz", [((4, 4), (4, 6))]),
        ("zazbz", "zXzYz", [((1, 2), (1, 2)), ((3, 4), (3, 4))]),
        ("zzxzz", "yzzzz", [((0, 0), (0, 1)), ((2, 3), (3, 3))]),
        ("abc", "xyz", [((0, 3), (0, 3))]),
        ("ab", "", [((0, 2), (0, 0))]),
    ],
)
def test_gaps_by_example(before: str, after: str, expected: list[Gap]) -> None:
    assert gaps(before, after) == expected


@given(st.lists(st.integers(0, 6), max_size=40), st.lists(st.integers(0, 6), max_size=40))
def test_what_lies_between_gaps_is_equal(before: list[int], after: list[int]) -> None:
    found = [Gap((0, 0), (0, 0)), *gaps(before, after), Gap((len(before),) * 2, (len(after),) * 2)]
    for left, right in pairwise(found):
        kept = before[left.before[1] : right.before[0]], after[left.after[1] : right.after[0]]
        assert kept[0] == kept[1]


@given(st.lists(st.integers(), unique=True, max_size=60), st.data())
def test_an_insertion_among_different_items_is_all_that_is_found(
    items: list[int], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(items)))
    new = [*items[:at], "new", "newer", *items[at:]]
    assert gaps(items, new) == [((at, at), (at, at + 2))]
    assert gaps(new, items) == [((at, at + 2), (at, at))]


def test_work_is_bounded_where_nothing_is_unique() -> None:
    before, after = [i % 7 for i in range(30_000)], [i % 5 for i in range(29_999)]
    assert gaps(before, after)
