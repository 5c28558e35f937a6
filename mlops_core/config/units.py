"""Sizes in bytes and lengths of time, read from text."""

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

_NUMBER = r"[0-9]{1,30}(?:\.[0-9]{1,18})?"  # more digits are no amount of anything, and overflow
_SIZE = re.compile(rf"\s*({_NUMBER})\s*([a-z]*)\s*", re.IGNORECASE)
_TIME = re.compile(rf"\s*({_NUMBER})\s*(ms|min|[smhdw])\s*", re.IGNORECASE)


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
        if re.fullmatch(_NUMBER, text.strip()):
            return float(text)
    raise UsageError(f"{text!r} is no length of time", hint='Write it like "90s", "30m", "1h30m" or "1d".')


def _whole(match: re.Match[str]) -> int:
    return int(match[1]) * BYTES[match[2].lower()]
