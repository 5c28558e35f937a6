"""Time as an argument: everything that needs the hour takes a ``Clock``, so no test sleeps."""

import time


class Clock:
    """The system's clocks.

    ``now`` is Unix time in seconds (it may step back), ``ticks`` a monotonic count in seconds.
    """

    def now(self) -> float:
        return time.time()

    def ticks(self) -> float:
        return time.perf_counter()


SYSTEM = Clock()
