"""The clock, against the times that the state has recorded."""

import os
from pathlib import Path

from mlops_core.cli.checks.check import OK, WARNING, Check
from mlops_core.cli.render.amounts import duration, local_time
from mlops_core.clock import SYSTEM, Clock

_SLACK = 60.0  # seconds by which clocks of machines that share a folder may differ


def check(folder: Path, clock: Clock = SYSTEM) -> list[Check]:
    """Whether something in the state is from the future: then a clock has stepped back."""
    if not folder.is_dir():
        return []
    newest = max(_times(folder), default=0.0)
    ahead = newest - clock.now()
    if ahead <= _SLACK:
        return [Check("clock", OK, local_time(clock.now()))]
    found = f"it is {local_time(clock.now())}, and files of the state were written {duration(ahead)} later"
    advice = "set the clock (or that of the file server); until then results that expire may live too long"
    return [Check("clock", WARNING, found, advice)]


def _times(folder: Path) -> list[float]:
    names = ("mlops.db", "mlops.db-wal", "stat-cache", "objects", "locks", "tmp")
    return [os.stat(folder / name).st_mtime for name in names if (folder / name).exists()]
