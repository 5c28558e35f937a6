"""What is read from before the user's first import until the graph is built, and what the run then found."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_core.execution.run import CACHED, SKIPPED, SUCCEEDED, Run
from mlops_core.execution.snapshots import request
from mlops_core.tracing.places import Places
from mlops_core.tracing.recorder import Recording, Seen
from mlops_core.workspace.state import state_folder

if TYPE_CHECKING:
    from mlops_core.execution.snapshots.capture import Snapshot
    from mlops_core.execution.unit import Unit
    from mlops_core.fingerprints.code import CodeFingerprint
    from mlops_core.metadata.runs import RunRow
    from mlops_core.workspace.workspace import Workspace


class Watch:
    """Begins before the project of a command line is looked for.

    ``name`` is that of its snapshot; ``started`` is in ns of Unix time: what changed since may have been read
    before or after. ``seen`` are the recordings, ``latest`` what ``latest(...)`` found, ``units`` the steps
    run in the end.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self.started = time.time_ns()
        self.name = request.name_of(arguments)
        self.seen: list[Seen] = []
        self.latest: list[tuple[str, str | None]] = []
        self.units: list[Unit] = []
        self.newest_record = 0
        self.removals = 0

    @contextmanager
    def recording(self, root: Path) -> Iterator[None]:
        """Record what the project's code reads within the block."""
        global _active
        recording = Recording(Places(str(root), os.fspath(state_folder(root))))
        previous, _active = _active, self
        try:
            with recording:
                yield
        finally:
            _active = previous
            self.seen.append(recording.seen)

    def opened(self, workspace: "Workspace") -> None:
        """Note how far the database had come before the run looked anything up."""
        ((self.newest_record,),) = workspace.database.query("SELECT coalesce(max(id), 0) FROM records")
        ((self.removals,),) = workspace.database.query("SELECT count FROM removals")

    def snapshot(self, workspace: "Workspace", run: Run, file: str, pipeline: Any) -> "Snapshot | None":
        """The snapshot of a run that had nothing to do, else None; ``file`` is the target's."""
        idle = run.status == SUCCEEDED and all(step.status in (CACHED, SKIPPED) for step in run.steps)
        if not idle or not run.steps:
            return None
        from mlops_core.execution.snapshots.capture import take  # on use: most runs have something to do

        return take(workspace, self, run, file, pipeline)

    def obstacles(self, pipeline: Any) -> list[str]:
        """Why a run of this pipeline is never answered from a snapshot; ``units`` may be those of a plan."""
        from mlops_core.execution.snapshots.obstacles import obstacles

        return obstacles(self.seen, pipeline.__wrapped__, codes(self.units))


def codes(units: "Sequence[Unit]") -> "list[CodeFingerprint]":
    """The fingerprints of the code of steps, each once."""
    keys = [unit.verdict.key for unit in units if unit.verdict is not None and unit.verdict.key is not None]
    return list({id(key.code): key.code for key in keys}.values())


_active: Watch | None = None


def found_latest(pipeline: str, row: "RunRow | None") -> None:
    """``latest`` was asked for: what it found is part of what the graph depends on."""
    if _active is not None:
        _active.latest.append((pipeline, None if row is None else row.outputs_json))
