"""Give step runs their final status, value and row in the database."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from mlops_core.errors import DamagedState, DiskFull, MlopsError, StepFailed
from mlops_core.execution import restore
from mlops_core.execution.listener import Listener
from mlops_core.execution.loading import Loader
from mlops_core.execution.outside import not_in_cache
from mlops_core.execution.run import BLOCKED, CACHED, FAILED, RAN, RUNNING, SKIPPED, WAITING, Run
from mlops_core.execution.task import Along, Performed
from mlops_core.execution.unit import Unit
from mlops_core.metadata import records, step_runs
from mlops_core.metadata.records import RecordRow
from mlops_core.metadata.step_runs import StepRunRow
from mlops_core.planning.decide import label
from mlops_core.planning.outcomes import BLOCKED as BLOCKED_STATE
from mlops_core.planning.outcomes import SKIPPED as SKIPPED_STATE
from mlops_core.planning.outcomes import UNKNOWN, VALUE, Outcome
from mlops_core.planning.reasons import Reason
from mlops_core.planning.selection import LEFT_OUT, NEEDED, SELECTED
from mlops_core.planning.verdict import CACHED as CACHED_VERDICT
from mlops_core.planning.verdict import RUN, Verdict
from mlops_core.workspace.workspace import Workspace


@dataclass(slots=True)
class Finisher:
    """Finishes the step runs of one run; rows are written with the next executed step, and at the end.

    ``positions`` numbers the step runs in the order in which they end.
    """

    workspace: Workspace
    run: Run
    listener: Listener
    loader: Loader
    rows: list[StepRunRow] = field(default_factory=list)
    positions: Iterator[int] = field(default_factory=lambda: count(1))

    def started(self, unit: Unit) -> None:
        """The step begins to execute."""
        self.listener.step_started(unit.step_run)

    def settle(self, unit: Unit, role: str) -> bool:
        """Finish a unit that need not execute; False where it must."""
        if unit.outcome is not None and (unit.outcome.state != UNKNOWN or role == SELECTED):
            self._announce(unit)
            return True
        if unit.verdict is not None and unit.verdict.word == CACHED_VERDICT and self._reuse(unit, role):
            return True
        if role == NEEDED:
            raise not_in_cache(unit.name, unit.step_run.reason, unit.node)
        if role == LEFT_OUT:
            self.ended(
                unit, SKIPPED, "not selected", Outcome(UNKNOWN, because=f"{unit.name} was not selected")
            )
            return True
        return False

    def _reuse(self, unit: Unit, role: str) -> bool:
        """Take over a recorded result; False (and the verdict says why) where its bytes are damaged."""
        assert unit.verdict is not None
        record = unit.verdict.record
        assert record is not None
        try:
            artifact = self.loader.sound(record.output)
            if role != LEFT_OUT:
                restore.destinations(self.loader, record, unit.bound.files if unit.bound else None)
        except DamagedState as damage:
            self._drop(record, str(damage.message))
            unit.verdict = Verdict(
                RUN,
                (
                    Reason(
                        "damaged",
                        f"its stored value is damaged: {damage.message}",
                        {"run": record.run_number},
                    ),
                ),
                unit.verdict.key,
            )
            unit.describe()
            return False
        outcome = Outcome(VALUE, artifact)
        if role == LEFT_OUT:
            self.ended(unit, SKIPPED, "not selected", outcome)
            return True
        self._take(unit, record)
        unit.outcome = outcome
        self._announce(unit)
        return True

    def _take(self, unit: Unit, record: RecordRow) -> None:
        step = unit.step_run
        step.status, step.digest, step.load = CACHED, record.output, self.loader.by_digest
        step.saved_seconds, step.run_number = record.seconds, record.run_number

    def _drop(self, record: RecordRow, why: str) -> None:
        with self.workspace.database.transaction() as tx:
            records.drop(tx, record.id, why)

    def discard(self, unit: Unit, error: BaseException) -> None:
        """A reused value cannot be loaded: its record goes, and the step has to run."""
        assert unit.verdict is not None
        why = f"its stored value cannot be used: {getattr(error, 'message', error)}"
        if unit.verdict.record is not None:
            self._drop(unit.verdict.record, why)
        data: dict[str, object] = {"run": unit.step_run.run_number}
        unit.verdict = Verdict(RUN, (Reason("unloadable", why, data),), unit.verdict.key)
        unit.outcome, unit.step_run.status, unit.step_run.saved_seconds = None, WAITING, 0.0
        unit.describe()

    def along(self, unit: Unit) -> Along:
        """Writes the row of a step, and those that wait, in the transaction that records its result."""

        def write(tx: sqlite3.Connection, performed: Performed) -> None:
            unit.step_run.seconds = performed.seconds
            self._value(unit, performed)
            for row in (*self.rows, self._row(unit)):
                step_runs.add(tx, row)
            performed.noted = True

        return write

    def unrecorded(self, unit: Unit) -> None:
        """The transaction was not committed after all, or there was none: the step is as it was before."""
        step = unit.step_run
        step.status, step.digest, step.load, step.stored = RUNNING, None, None, None
        unit.outcome = None

    def performed(self, unit: Unit, performed: Performed) -> None:
        """The step executed, or another process did meanwhile; it is announced when its row is committed."""
        if performed.error is not None:
            self.unrecorded(unit)
            unit.step_run.seconds = performed.seconds
            self.failed(unit, performed.error)
            self.flush()
        elif performed.noted:
            self.rows = []
            self.listener.step_finished(unit.step_run)
        else:
            unit.step_run.seconds = performed.seconds
            self._value(unit, performed)
            self.rows.append(self._row(unit))
            self.flush()
            self.listener.step_finished(unit.step_run)
        if performed.artifact is not None:  # one that was looked up is held already
            self.loader.hold(performed.artifact.digest)

    def failed(self, unit: Unit, error: BaseException) -> None:
        """The step raised, or its arguments could not be made."""
        step = unit.step_run
        text = str(getattr(error, "message", error)).partition("\n")[0]
        step.error, step.status, step.reason = error, FAILED, f"{type(error).__name__}: {text}"
        step.reasons = [*step.reasons, {"kind": "exception", "text": step.reason}]
        unit.outcome = Outcome(BLOCKED_STATE, because=f"{unit.name} failed")
        self._announce(unit)

    def _value(self, unit: Unit, performed: Performed) -> None:
        step = unit.step_run
        step.status, step.digest, step.load = RAN, performed.digest, self.loader.by_digest
        step.run_number, step.peak_memory = self.run.number, performed.peak_memory
        step.stored = performed.stored
        assert performed.digest is not None
        unit.outcome = Outcome(VALUE, performed.artifact or self.loader.artifact(performed.digest))
        if performed.found is not None:
            step.status, step.seconds = CACHED, 0.0
            step.saved_seconds, step.run_number = performed.found.seconds, performed.found.run_number
            step.reason = f"from run {performed.found.run_number}, which made it while this run waited"
            step.reasons = [{"kind": "hit", "text": step.reason, "run": performed.found.run_number}]
        elif performed.not_skippable and performed.not_skippable not in {r["text"] for r in step.reasons}:
            step.reasons = [*step.reasons, {"kind": "not_skippable", "text": performed.not_skippable}]
            step.reason = f"{step.reason}; {performed.not_skippable}"

    def ended(self, unit: Unit, status: str, reason: str, outcome: Outcome | None = None) -> None:
        """A final status without executing: skipped, blocked or cancelled."""
        step = unit.step_run
        kinds = {SKIPPED: "selection", BLOCKED: "upstream_failed"}
        step.status, step.reason = status, reason
        step.reasons = [{"kind": kinds.get(status, "run_ended"), "text": reason}]
        state = SKIPPED_STATE if status == SKIPPED else BLOCKED_STATE
        unit.outcome = outcome or Outcome(state, because=f"{unit.name} {status}")
        self._announce(unit)

    def _announce(self, unit: Unit) -> None:
        self.rows.append(self._row(unit))
        self.listener.step_finished(unit.step_run)

    def _row(self, unit: Unit) -> StepRunRow:
        step, key = unit.step_run, unit.verdict.key if unit.verdict else None
        record = unit.verdict.record if unit.verdict else None
        unit.position = unit.position or next(self.positions)
        return StepRunRow(
            run_id=self.run.id,
            position=unit.node.position * 1_000_000 + unit.position,
            name=step.name,
            base=step.base,
            label=label(unit.node),
            status=step.status,
            reason=step.reason,
            reasons_json=json.dumps(step.reasons),
            key=key.digest if key else None,
            output=step.digest,
            seconds=step.seconds,
            saved_seconds=step.saved_seconds,
            peak_memory=step.peak_memory,
            started=self.run.started,
            record_id=record.id if record else None,
            arguments_json=json.dumps(step.arguments),
            stored=step.stored,
        )

    def flush(self) -> None:
        """Write the rows that wait."""
        if self.rows:
            with self.workspace.database.transaction() as tx:
                for row in self.rows:
                    step_runs.add(tx, row)
            self.rows = []  # only now: where the disk was full, they are written with the next ones


def step_failure(unit_name: str, run_number: int | None, error: BaseException) -> MlopsError:
    """The error of a run whose step raised; the exception itself is its cause."""
    if isinstance(error, DiskFull):
        what = f"the result of step {unit_name!r} of run {run_number} was not kept: {error.message}"
        return DiskFull(what, hint=error.hint, **error.data)
    again = f"mend it and run again: steps that finished stay cached (mlops runs show {run_number})"
    what, hint = (
        (error.message, error.hint or again) if isinstance(error, MlopsError) else (str(error), again)
    )
    failure = StepFailed(
        f"step {unit_name!r} failed in run {run_number}: {type(error).__name__}: {what}",
        hint=hint,
        step=unit_name,
        run=run_number,
    )
    failure.__cause__ = error
    return failure
