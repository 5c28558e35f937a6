"""When a remembered digest of a file may stand for reading it."""

from mlops_core.clock import Clock

# A file younger than this when it was hashed may change again without moving its times: clocks tick coarsely,
# and a second write through a writable map to a page that is still dirty moves neither mtime nor ctime.
YOUNG_NS = 60 * 1_000_000_000
#: Below this many bytes, files on file systems whose times do not tell (volumes.py) are read every time.
SMALL = 64 * 1024


def now_ns(clock: Clock) -> int:
    """Unix time in ns."""
    return int(clock.now() * 1e9)


def latest_trusted(before: int, after: int) -> int:
    """The latest change that a file may have had to be remembered, in ns of Unix time.

    ``before`` and ``after`` are the times around its reading: a clock that stepped back must not make a file
    look old.
    """
    return min(before, after) - YOUNG_NS
