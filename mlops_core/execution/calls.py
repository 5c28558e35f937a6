"""Cached calls: a step called outside a pipeline gives the stored value, on the first call too.

They belong to one session run per process. The function gets read-only views of arrays and tables and
private copies of everything mutable, so a hit and a miss leave the caller's objects alike.
"""

from contextlib import suppress
from typing import Any

from mlops_core.config import mode
from mlops_core.execution.call_memo import CallMemo
from mlops_core.execution.call_run import CallRun
from mlops_core.execution.preparation import Preparation
from mlops_core.execution.private import private
from mlops_core.execution.redo import UNUSABLE
from mlops_core.execution.session import Session
from mlops_core.execution.unit import Unit
from mlops_core.metadata import records
from mlops_core.metadata.records import RecordRow
from mlops_core.pipelines.binding import bind
from mlops_core.pipelines.node import Node
from mlops_core.pipelines.step import Step
from mlops_core.pipelines.writable import writable
from mlops_core.planning.plan import PlannedStep
from mlops_core.planning.selection import Selection
from mlops_core.planning.verdict import CACHED
from mlops_core.workspace.workspace import Workspace

Args = tuple[object, ...]
Kwargs = dict[str, object]


class CallSession:
    """The cached calls of one process in one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._session = Session(workspace)
        self._run = CallRun(self._session)
        self._memo = CallMemo(self._session, self._run)

    def call(self, step: Step[..., Any], args: Args, kwargs: Kwargs) -> object:
        """The value of the call, from the cache or by running the step; raises what the step raises."""
        known = self._memo.recall(step, args, kwargs)
        if known is not None:
            with suppress(*UNUSABLE):  # it was removed just after it was found
                return known.value()
        return self._decided(step, args, kwargs)

    def _decided(self, step: Step[..., Any], args: Args, kwargs: Kwargs) -> object:
        unit = self._unit(step, args, kwargs)
        assert unit.verdict is not None
        if unit.verdict.word == CACHED and unit.verdict.record is not None:
            try:
                value = self._session.loader.by_digest(unit.verdict.record.output)
            except UNUSABLE as damage:
                self._drop(unit.verdict.record, damage.message)
            else:
                self._run.hit(unit.name, unit.verdict.record)
                self._memo.keep(step, args, kwargs, unit.verdict)
                return value
        return self._execute(unit)

    def _execute(self, unit: Unit) -> object:
        assert unit.bound is not None
        asked = unit.node.options.writable
        unit.bound.values = {
            name: private(writable(value) if name in asked else value)
            for name, value in unit.bound.values.items()
        }
        run, finisher = self._run.begun(), self._run.finisher()
        task = unit.task(run.id, run.number or 0, run.pipeline)
        performed = self._session.performer.perform(task, finisher.along(unit))
        finisher.performed(unit, performed)
        self._run.performed(unit, performed)
        if performed.error is not None:
            performed.error.add_note(
                f"in step {unit.name!r} of run {run.number} (mlops runs show {run.number})"
            )
            raise performed.error
        assert performed.digest is not None
        return self._session.loader.by_digest(performed.digest)

    def _unit(self, step: Step[..., Any], args: Args, kwargs: Kwargs) -> Unit:
        node = Node(step.name, step, bind(step, args, kwargs), position=0)
        session = self._session
        session.cache = not mode.cache_is_off()
        return Preparation(session.decider, session.resolver, session.loader, Selection()).units(node)[0]

    def _drop(self, record: RecordRow, why: str) -> None:
        with self.workspace.database.transaction() as tx:
            records.drop(tx, record.id, why)

    def plan(self, step: Step[..., Any], args: Args, kwargs: Kwargs) -> PlannedStep:
        """What the call would do, and why."""
        unit = self._unit(step, args, kwargs)
        assert unit.verdict is not None
        reasons = tuple(reason.as_json() for reason in unit.verdict.reasons)
        return PlannedStep(unit.name, unit.verdict.word, unit.verdict.reason, reasons)
