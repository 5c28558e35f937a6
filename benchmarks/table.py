"""The table of ratios, as text."""

from collections.abc import Sequence
from statistics import median

from benchmarks import verdict
from benchmarks.amounts import amount, comparison
from benchmarks.goals import Goal, goals_of
from benchmarks.measure import Series
from benchmarks.results import Group, spread

_WIDTHS = (34, 10, 7, 15, 1)


def render(groups: Sequence[Group]) -> str:
    """One block per group: median, spread, and ours against each other contender's."""
    lines = [_line("", "median", "spread", "we are"), ""]
    for group in groups:
        lines += [group.title, *(_row(group, series) for series in group.series), ""]
    return "\n".join(lines)


def _row(group: Group, series: Series) -> str:
    if not series.samples:
        return _line(f"  {series.name}", series.note)
    around = spread(series.samples)
    ratio = None if series is group.ours else group.ratio(series)
    return _line(
        f"  {series.name}",
        amount(median(series.samples), group.unit),
        "" if around is None else f"±{around:.0%}",
        "" if ratio is None else comparison(ratio, group.unit),
        "; ".join(_judged(goal, group) for goal in goals_of(group.key) if _is_about(goal, series, group)),
    )


def _is_about(goal: Goal, series: Series, group: Group) -> bool:
    return series is group.ours if not goal.against else goal.against == series.name


def _judged(goal: Goal, group: Group) -> str:
    most = amount(goal.most, "s") if not goal.against else f"{goal.most:.3g}x"
    return f"goal {most}: {verdict.said(goal, group)}"


def _line(*cells: str) -> str:
    return " ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=False)).rstrip()
