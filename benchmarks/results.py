"""What a subject found: groups of series, ours first, and our ratio to each of the others."""

from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from benchmarks.measure import Series

SECONDS = "s"
BYTES = "B"


@dataclass(frozen=True, slots=True)
class Group:
    """Contenders for one job; the first is ours. ``key`` names the job, and goals refer to it."""

    key: str
    title: str
    series: list[Series]
    unit: str = SECONDS

    @property
    def ours(self) -> Series:
        """Our own."""
        return self.series[0]

    def other(self, name: str) -> Series | None:
        """The series of a contender, None where there is none of that name."""
        return next((series for series in self.series if series.name == name), None)

    def ratio(self, other: Series) -> float | None:
        """Our median as a multiple of another's; None where one of both could not run."""
        if not other.samples or not self.ours.samples:
            return None
        return median(self.ours.samples) / median(other.samples)

    def as_json(self) -> dict[str, Any]:
        """Medians, spreads and samples; ``ratio`` is ours divided by theirs."""
        rows = [self._row(series) for series in self.series]
        return {"key": self.key, "title": self.title, "unit": self.unit, "contenders": rows}

    def _row(self, series: Series) -> dict[str, Any]:
        return {
            "name": series.name,
            "note": series.note,
            "median": median(series.samples) if series.samples else None,
            "spread": spread(series.samples),
            "samples": list(series.samples),
            "ratio": None if series is self.ours else self.ratio(series),
        }


def from_json(document: dict[str, Any]) -> Group:
    """The way back from ``Group.as_json``."""
    rows = document["contenders"]
    found = [Series(row["name"], tuple(row["samples"]), row["note"]) for row in rows]
    return Group(document["key"], document["title"], found, document["unit"])


def spread(samples: tuple[float, ...]) -> float | None:
    """Half the distance between the quartiles, as a share of the median; None below four samples."""
    if len(samples) < 4:
        return None
    low, middle, high = quantiles(samples, n=4)
    return (high - low) / 2 / middle
