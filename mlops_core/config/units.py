"""Sizes in bytes and lengths of time: read from text, written for people."""

import re

from mlops_core.errors import UsageError

BYTES = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}

_SIZE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)\s*", re.IGNORECASE)
_TIME = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(ms|min|[smhdw])\s*", re.IGNORECASE)


def parse_bytes(text: str | int) -> int:
    """``"2GiB"``, ``"500 MB"``, ``"4096"`` or a whole number as bytes. Raises ``UsageError``."""
    if isinstance(text, int) and not isinstance(text, bool) and text >= 0:
        return text
    match = _SIZE.fullmatch(text) if isinstance(text, str) else None
    if match and match[2].lower() in BYTES:
        return round(float(match[1]) * BYTES[match[2].lower()]) if "." in match[1] else _whole(match)
    raise UsageError(f"{text!r} is no size in bytes", hint='Write it like "512MiB", "2GiB" or "20GB".')


def parse_duration(text: str | float) -> float:
    """``"30m"``, ``"1d"``, ``"1h30m"`` or a number of seconds. Raises ``UsageError``."""
    if isinstance(text, int | float) and not isinstance(text, bool) and 0 <= text < float("inf"):
        return float(text)
    if isinstance(text, str) and text.strip():
        parts = list(_TIME.finditer(text))
        if "".join(part[0] for part in parts) == text:
            return sum(float(part[1]) * SECONDS[part[2].lower()] for part in parts)
        if re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", text.strip()):
            return float(text)
    raise UsageError(f"{text!r} is no length of time", hint='Write it like "90s", "30m", "1h30m" or "1d".')


def format_bytes(count: float) -> str:
    """For people: ``512 B``, ``38 MiB``, ``1.1 GiB``."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1023.5:
            return f"{count:.1f} {unit}" if count < 9.95 and unit != "B" else f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def format_duration(seconds: float) -> str:
    """For people: ``0.4 ms``, ``37 ms``, ``21.4 s``, ``3 min 20 s``, ``2 h 5 min``, ``3 d 4 h``."""
    if seconds < 0.01:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit, size, small, part in (("min", 60, "s", 1), ("h", 3600, "min", 60), ("d", 86400, "h", 3600)):
        if whole < size * (24 if unit == "h" else 60) or unit == "d":
            rest = whole % size // part
            return f"{whole // size} {unit} {rest} {small}" if rest else f"{whole // size} {unit}"
    raise AssertionError("days have no end")


def _whole(match: re.Match[str]) -> int:
    return int(match[1]) * BYTES[match[2].lower()]
