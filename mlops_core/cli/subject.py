"""What ``mlops why`` is asked about: one or two words that may be a target, a run, or a step."""

import re
from pathlib import Path
from typing import NamedTuple

LATEST = "latest"
_RUN = re.compile(r"(\d+|latest|[\w.\-]+/latest)(?::(?P<step>.+))?")


class Subject(NamedTuple):
    """A plan of ``target`` (None: the recorded run ``reference``), and the step (None: all of them)."""

    target: str | None
    reference: str
    step: str | None


def subject(first: str | None, second: str | None, root: Path) -> Subject:
    """What the words mean: a run's reference, a target (if it looks like one or is named in the settings),
    else, alone, a step of the last run."""
    if first is None:
        return Subject(None, LATEST, None)
    run = _RUN.fullmatch(first)
    if run:
        return Subject(None, run[1], second or run["step"])
    if second is not None or is_target(first, root):
        return Subject(first, "", second)
    return Subject(None, LATEST, first)


def is_target(word: str, root: Path) -> bool:
    """Whether a word alone is a target rather than a step."""
    if ":" in word or word.endswith(".py") or "/" in word:
        return True
    from mlops_core.config.project import read_settings

    return word in read_settings(root).pipelines
