"""The goals, all of them in one place: for a job, the most that we may take."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from benchmarks.results import Group

ONE_READ = "floor: one read"
WRITE_AND_FSYNC = "plain write and fsync"
FIND = "find -printf"
READ_FILES = "find | xargs cat"
BARE_PYTHON = "bare Python"
NINJA = "ninja's no-op, then bare Python"
MAPPED = "np.load, mmap_mode='r'"
JOBLIB = "joblib"
BORG = "borg"
RESTIC = "restic"
UNIQUE = "floor: unique bytes"
CLICK = "import click"


@dataclass(frozen=True, slots=True)
class Goal:
    """``most`` is a multiple of what the contender ``against`` takes; without one, seconds of our own."""

    work: str
    group: str
    most: float
    against: str = ""

    def measured(self, group: Group) -> float | None:
        """Ours by the same measure; None where it could not be measured."""
        if not self.against:
            return median(group.ours.samples) if group.ours.samples else None
        other = group.other(self.against)
        return None if other is None else group.ratio(other)


def _versions(what: str, key: str) -> tuple[Goal, ...]:
    """Ten versions of a table, each of which changes a little."""
    work = f"ten versions, each {what}"
    return (
        Goal(f"{work}: disk", f"versions/{key}/disk", 1.03, UNIQUE),
        Goal(f"{work}: a later version", f"versions/{key}/later", 1.0, BORG),
        Goal(f"{work}: a later version", f"versions/{key}/later", 1.0, RESTIC),
        Goal(f"{work}: disk, packed cold", f"versions/{key}/packed", 1.0, RESTIC),
    )


GOALS = (
    Goal("fingerprint of 1 GB, an array", "fingerprints/array", 1.25, ONE_READ),
    Goal("fingerprint of 1 GB, a table of numbers", "fingerprints/table", 1.25, ONE_READ),
    Goal("fingerprint of 1 GB, a table of text", "fingerprints/text", 1.5, ONE_READ),
    Goal("fingerprint of 1 GB, a table of text with nulls", "fingerprints/text-nulls", 1.5, ONE_READ),
    Goal("cached call, small arguments, a float", "small_calls/number", 20e-6),
    Goal("cached call, small arguments, a dict", "small_calls/record", 20e-6),
    Goal("cached call, small arguments, a float", "small_calls/number", 1 / 5, JOBLIB),
    Goal("cached call, 100 MB array argument", "array_calls/memory", 1.6, ONE_READ),
    Goal("cached call, a value from the store as argument", "array_calls/stored", 30e-6),
    Goal("cached 1 GB array, first column summed", "big_result", 1.3, MAPPED),
    Goal("1,000 cached steps, whole command", "nothing_to_do/long", 3.0, NINJA),
    Goal("the same, of a module with heavy imports", "nothing_to_do/heavy", 3.0, NINJA),
    Goal("cold run of 1,000 trivial steps, a step", "first_run", 1.5e-3),
    Goal("100,000 unchanged files, digest", "trees/unchanged", 1.5, FIND),
    Goal("100,000 unchanged files as one input, whole command", "trees/command", 1.5, FIND),
    Goal("first time over 100,000 files of 4 KB", "trees/first", 1.5, READ_FILES),
    Goal("storing a new 1 GB array", "storing/array", 1.5, WRITE_AND_FSYNC),
    Goal("storing a new 1 GB table", "storing/table", 1.5, WRITE_AND_FSYNC),
    *_versions("1 % appended", "rows"),
    *_versions("one column added", "columns"),
    Goal("1 % of rows inserted in the middle: disk", "versions/inserted/disk", 1.15, UNIQUE),
    Goal("mlops --help", "help_text", 1.5, CLICK),
    Goal("import mlops_core", "importing", 1.8, BARE_PYTHON),
    Goal("step and pipeline, two functions decorated", "decorating", 3.0, BARE_PYTHON),
)


def goals_of(key: str) -> list[Goal]:
    """Those of one group."""
    return [goal for goal in GOALS if goal.group == key]


def with_groups(groups: Iterable[Group]) -> list[tuple[Goal, Group | None]]:
    """Every goal with the group in which it was measured, None where that was not measured this time."""
    found = {group.key: group for group in groups}
    return [(goal, found.get(goal.group)) for goal in GOALS]
