"""Seconds, bytes and ratios as people read them."""

from benchmarks.results import BYTES

_SECONDS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))
_BYTES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B"))


def amount(value: float, unit: str) -> str:
    """A measured value with three digits and a fitting unit."""
    sizes = _BYTES if unit == BYTES else _SECONDS
    size, name = next((u for u in sizes if value >= u[0]), sizes[-1])
    return f"{_three_digits(value / size)} {name}"


def comparison(ratio: float, unit: str) -> str:
    """Ours over another's, said the way that reads."""
    if ratio < 1:
        return f"{1 / ratio:.1f}x {'smaller' if unit == BYTES else 'sooner'}"
    return f"{ratio:.2f}x its {'bytes' if unit == BYTES else 'time'}"


def _three_digits(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
