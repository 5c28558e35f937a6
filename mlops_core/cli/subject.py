"""What ``mlops why`` is asked about: one or two words that may be a target, a run, or a step."""

from pathlib import Path
from typing import NamedTuple

from mlops_core.config.references import LATEST, RunReference, parse_reference
from mlops_core.errors import UsageError


class Subject(NamedTuple):
    """A plan of ``target`` (None: the recorded run ``reference``), and the step (None: all of them)."""

    target: str | None
    reference: str
    step: str | None


def subject(first: str | None, second: str | None, root: Path) -> Subject:
    """What the words mean: a reference to a run, a target (it looks like one, or the settings name it),
    else, alone, a step of the last run."""
    if first is None:
        return Subject(None, LATEST, None)
    run = _run(first)
    if run is not None:
        return Subject(None, first.partition(":")[0], second or run.step)
    if second is not None or is_target(first, root):
        return Subject(first, "", second)
    return Subject(None, LATEST, first)


def _run(word: str) -> RunReference | None:
    try:
        reference = parse_reference(word)
    except UsageError:
        return None
    return reference if isinstance(reference, RunReference) else None


def is_target(word: str, root: Path) -> bool:
    """Whether a word alone is a target rather than a step."""
    if ":" in word or word.endswith(".py") or "/" in word:
        return True
    from mlops_core.config.project import read_settings

    return word in read_settings(root).pipelines
