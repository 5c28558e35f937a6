"""Times and sizes for people."""

import time

from mlops_core.config.sizes import size_text


def duration(seconds: float | None) -> str:
    """``12 ms``, ``14.2 s``, ``3 m 20 s``, ``6 h 12 m``; nothing for None."""
    if seconds is None:
        return ""
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.0005 else "0 ms"
    if seconds < 99.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} m"


def size(count: int | None) -> str:
    """``512 B``, ``1.1 GiB``; nothing for None."""
    return "" if count is None else size_text(count)


def local_time(unix: float) -> str:
    """A moment (Unix seconds) on the user's clock: ``2026-03-01 14:02``."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(unix))


def utc_text(unix: float) -> str:
    """A moment (Unix seconds) as ISO 8601 in UTC, to the millisecond: ``2026-03-01T13:02:11.250Z``."""
    whole, milliseconds = divmod(round(unix * 1000), 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{milliseconds:03d}Z"


def counted(number: int, word: str) -> str:
    """``1 cell``, ``1,204 cells``."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
