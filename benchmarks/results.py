"""What a subject found: groups of timings, ours first, and our ratio to each of the others."""

from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from benchmarks.measure import Timing


@dataclass(frozen=True, slots=True)
class Group:
    """Contenders for one job; the first is ours."""

    title: str
    timings: list[Timing]

    @property
    def ours(self) -> Timing:
        """Our own timing."""
        return self.timings[0]

    def ratio(self, other: Timing) -> float | None:
        """Our time as a multiple of another's: the median over rounds, each round compared with itself."""
        if not other.samples or not self.ours.samples:
            return None
        return median(mine / other_ for mine, other_ in zip(self.ours.samples, other.samples, strict=True))

    def as_json(self) -> dict[str, Any]:
        """Medians, spreads and samples in seconds; ``ratio`` is ours divided by theirs."""
        return {"title": self.title, "contenders": [self._row(timing) for timing in self.timings]}

    def _row(self, timing: Timing) -> dict[str, Any]:
        ratio = None if timing is self.ours else self.ratio(timing)
        return {
            "name": timing.name,
            "note": timing.note,
            "median": median(timing.samples) if timing.samples else None,
            "spread": spread(timing.samples),
            "samples": list(timing.samples),
            "ratio": ratio,
            "goal": timing.goal,
            "met": None if ratio is None or timing.goal is None else ratio <= timing.goal,
        }


def from_json(document: dict[str, Any]) -> Group:
    """The way back from ``Group.as_json``."""
    rows = document["contenders"]
    return Group(
        document["title"],
        [Timing(row["name"], tuple(row["samples"]), row["goal"], row["note"]) for row in rows],
    )


def spread(samples: tuple[float, ...]) -> float | None:
    """Half the distance between the quartiles, as a share of the median; None below four samples."""
    if len(samples) < 4:
        return None
    low, middle, high = quantiles(samples, n=4)
    return (high - low) / 2 / middle
