"""The answer of ``os.stat`` that says whether the times in it were looked at.

Whether a file is there, what it is and how long it is, is asked all the time and says nothing of its times;
only where the project's own code looks at those, do they count as an input.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any


class SeenStat:
    """Behaves like the ``os.stat_result`` it stands for; calls ``saw_times`` when a time is read."""

    __slots__ = ("_found", "_saw_times")

    def __init__(self, found: os.stat_result, saw_times: Callable[[], object]) -> None:
        self._found = found
        self._saw_times = saw_times

    def __getattr__(self, name: str) -> Any:
        if "time" in name:
            self._saw_times()
        return getattr(self._found, name)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice) or index not in range(7):
            self._saw_times()
        return self._found[index]

    def __iter__(self) -> Iterator[Any]:
        self._saw_times()
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __eq__(self, other: object) -> bool:
        self._saw_times()
        return self._found == (other._found if type(other) is SeenStat else other)

    def __hash__(self) -> int:
        self._saw_times()
        return hash(self._found)

    def __repr__(self) -> str:
        self._saw_times()
        return repr(self._found)

    def __reduce__(self) -> Any:
        self._saw_times()
        return self._found.__reduce__()
