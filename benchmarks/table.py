"""The table of ratios, as text."""

from collections.abc import Sequence
from statistics import median

from benchmarks.measure import Timing
from benchmarks.results import Group, spread

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"))
_WIDTHS = (30, 10, 7, 15, 1)


def render(groups: Sequence[Group]) -> str:
    """One block per group: median, spread, and our time against each other contender's."""
    lines = [_line("", "median", "spread", "we are"), ""]
    for group in groups:
        lines += [group.title, *(_row(group, timing) for timing in group.timings), ""]
    return "\n".join(lines)


def _row(group: Group, timing: Timing) -> str:
    if not timing.samples:
        return _line(f"  {timing.name}", timing.note)
    around = spread(timing.samples)
    ratio = None if timing is group.ours else group.ratio(timing)
    return _line(
        f"  {timing.name}",
        seconds(median(timing.samples)),
        "" if around is None else f"±{around:.0%}",
        "" if ratio is None else comparison(ratio),
        _goal(timing, ratio),
    )


def _line(*cells: str) -> str:
    return " ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=False)).rstrip()


def seconds(value: float) -> str:
    """A duration with three digits and a fitting unit."""
    size, unit = next((u for u in _UNITS if value >= u[0]), _UNITS[-1])
    return f"{value / size:.3g} {unit}"


def comparison(ratio: float) -> str:
    """Our time over another's, said the way that reads."""
    return f"{1 / ratio:.1f}x sooner" if ratio < 1 else f"{ratio:.2f}x its time"


def _goal(timing: Timing, ratio: float | None) -> str:
    if timing.goal is None or ratio is None:
        return ""
    wanted = f"{1 / timing.goal:.0f}x sooner" if timing.goal < 1 else f"at most {timing.goal:g}x"
    return f"goal {wanted}: {'met' if ratio <= timing.goal else 'MISSED'}"
