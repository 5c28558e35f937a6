"""The session run of a process: one row for all its cached calls, made with the first of them."""

import atexit
import itertools
import json
import sys
import threading
from pathlib import Path

from mlops_core.errors import DiskFull
from mlops_core.execution.finish import Finisher
from mlops_core.execution.listener import Listener
from mlops_core.execution.run import CACHED, FAILED, SUCCEEDED, Run, StepRun
from mlops_core.execution.session import Session
from mlops_core.execution.task import Performed
from mlops_core.execution.unit import Unit
from mlops_core.metadata import step_runs
from mlops_core.metadata.records import RecordRow
from mlops_core.metadata.step_runs import StepRunRow

BATCH = 1000


class CallRun:
    """Counts hits in batches (a kill may lose counts) and records executed calls one by one.

    Calls may come from several threads: they share the run, and each has its own position in it. No lock is
    held while a result is recorded: who counts hits takes this one first and the database's second.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.RLock()
        self._run: Run | None = None
        self._hits: dict[str, tuple[int, RecordRow]] = {}
        self._waiting = 0
        self._positions = itertools.count(1)  # each number is handed out once, whatever thread asks

    def begun(self) -> Run:
        """The run, recorded now if it was not yet."""
        with self._lock:
            if self._run is None:
                self._run = self._session.begin(_program(), _program(), {}, {})
                self._started = self._session.clock.ticks()
                atexit.register(self.end)
            return self._run

    def hit(self, name: str, record: RecordRow) -> None:
        """Count a call that the cache answered."""
        with self._lock:
            count = self._hits[name][0] if name in self._hits else 0
            self._hits[name] = (count + 1, record)
            self._waiting += 1
            self.begun()
            if self._waiting >= BATCH:
                self.flush()

    def finisher(self) -> Finisher:
        """Finishes one call."""
        session = self._session
        return Finisher(
            session.workspace, self.begun(), Listener(), session.loader, positions=self._positions
        )

    def performed(self, unit: Unit, performed: Performed) -> None:
        """A call has executed and was recorded."""
        with self._lock:
            run = self.begun()
            run.status = FAILED if performed.error is not None else run.status
            run.steps.append(unit.step_run)

    def flush(self) -> None:
        """Write the counted hits."""
        with self._lock:
            run = self.begun()
            counted, self._hits, self._waiting = self._hits, {}, 0
            if counted:
                self._write(run, counted)

    def _write(self, run: Run, counted: dict[str, tuple[int, RecordRow]]) -> None:
        with self._session.workspace.database.transaction() as tx:
            for name, (count, record) in counted.items():
                step_runs.add(tx, self._row(run, name, count, record))

    def _row(self, run: Run, name: str, count: int, record: RecordRow) -> StepRunRow:
        calls = "" if count == 1 else f"{count} calls, "
        step = StepRun(name, CACHED, f"{calls}from run {record.run_number}", base=name)
        reason = {"kind": "hit", "text": step.reason, "run": record.run_number, "calls": count}
        return StepRunRow(
            run_id=run.id,
            position=next(self._positions),
            name=name,
            base=name,
            label=record.label,
            status=CACHED,
            reason=step.reason,
            reasons_json=json.dumps([reason]),
            key=record.key,
            output=record.output,
            seconds=0.0,
            saved_seconds=record.seconds * count,
            peak_memory=None,
            started=run.started,
            record_id=record.id,
            arguments_json="{}",
        )

    def end(self) -> None:
        """Close the run when the process ends."""
        if self._run is None:
            return
        try:
            self.flush()
        except DiskFull as full:  # the counts are lost, as with a kill
            print(f"warning: {full.message}", file=sys.stderr)
        run, self._run = self._run, None
        run.status = run.status if run.status == FAILED else SUCCEEDED
        run.seconds = self._session.clock.ticks() - self._started
        self._session.end(run)
        self._session.tidy(run)


def _program() -> str:
    """What people call the program: its file's name, else ``session``."""
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return Path(file).name if file else "session"
