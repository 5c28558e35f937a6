"""Answer a run from its snapshot: look whether all is as it was, record one row, hand out what to print."""

import os
import time

from mlops_core.execution.snapshots import conditions, request, snapshot_file
from mlops_core.files.signature import path_signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class Answer:
    """A run that needed nothing: ``number`` and ``id`` as recorded, ``seconds`` as it took."""

    def __init__(self, snapshot: "dict[str, Any]", number: int, id: str, seconds: float) -> None:
        self.number = number
        self.id = id
        self.seconds = seconds
        self.pipeline: str = snapshot["row"]["pipeline"]
        self.steps: list[tuple[str, str, str, float]] = snapshot["steps"]
        self.shown: dict[str, Any] = snapshot["shown"]


def answer(arguments: "Sequence[str]") -> Answer | None:
    """The answer to ``mlops`` with these arguments; None where the run has to go the normal way.

    Whatever goes wrong here is told by the normal way, which meets it again.
    """
    if arguments[:1] != ["run"]:
        return None
    started = time.perf_counter()
    try:
        name = request.name_of(arguments)
        for folder in request.folders(arguments):
            snapshot = snapshot_file.read(os.path.join(folder, name))
            if snapshot is not None:
                return _answer(snapshot, os.path.dirname(folder), started)
    except Exception:  # a damaged database, a locked file, a current folder that is gone
        return None
    return None


def _answer(snapshot: "dict[str, Any]", state_dir: str, started: float) -> Answer | None:
    if not _fresh(snapshot) or not conditions.hold(snapshot["conditions"], state_dir):
        return None
    if any(path_signature(path) != signature for path, signature in snapshot["segments"]):
        return None
    from mlops_core.execution.snapshots.recording import record

    recorded = record(snapshot, state_dir, started)
    return Answer(snapshot, *recorded) if recorded is not None else None


def _fresh(snapshot: "dict[str, Any]") -> bool:
    """Not older than a step's ``cache`` time allows; a clock that stepped back says nothing."""
    now = time.time()
    return bool(snapshot["made"] <= now and (snapshot["expires"] is None or now <= snapshot["expires"]))
