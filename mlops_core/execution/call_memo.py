"""Calls this process has seen before, answered in microseconds.

A call whose arguments are plain values or arrays, of a step without paths among its parameters and without
observed inputs, is known by one digest over its arguments; it is still up to date while the step's code
guards hold and the environment pins are the same. Everything else takes the long way.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mlops_core.engine._values import value_digest
from mlops_core.errors import DamagedState
from mlops_core.execution.call_run import CallRun
from mlops_core.execution.loading import stored_cells
from mlops_core.execution.session import Session
from mlops_core.fingerprints.code import CodeFingerprint
from mlops_core.formats.artifact import Artifact
from mlops_core.metadata.records import RecordRow
from mlops_core.pipelines.step import Step
from mlops_core.planning import environment
from mlops_core.planning.annotations import CONTENT, DESTINATION, FILE, path_kinds
from mlops_core.planning.code import step_code
from mlops_core.planning.verdict import Verdict

MOST = 10_000
SHARED = (type(None), bool, int, float, str, bytes)


class NotPlainError(Exception):
    """An argument that is neither a plain value nor an array."""


def _refuse(value: object) -> bytes:
    raise NotPlainError


@dataclass(slots=True)
class Known:
    """The answer to a call: an immutable value kept, or an artifact loaded afresh each time."""

    name: str
    record: RecordRow
    artifact: Artifact
    cells: list[bytes]
    kept: object
    is_kept: bool
    session: Session
    run: CallRun

    def value(self) -> object:
        """The stored value; a hit is counted. Raises ``DamagedState``."""
        value = self.kept if self.is_kept else self.session.loader.value(self.artifact)
        self.run.hit(self.name, self.record)
        return value


@dataclass(slots=True)
class StepMemo:
    """What is known of one step: its code as fingerprinted, its calls by the digest of their arguments."""

    step: Step[..., Any]
    code: CodeFingerprint
    pins: tuple[tuple[str, str], ...]
    calls: dict[bytes, Known]


class CallMemo:
    """Known calls of one process."""

    def __init__(self, session: Session, run: CallRun) -> None:
        self._session = session
        self._run = run
        self._steps: dict[int, StepMemo] = {}

    def recall(
        self, step: Step[..., Any], args: tuple[object, ...], kwargs: dict[str, object]
    ) -> Known | None:
        """The known answer, if it still holds."""
        memo = self._steps.get(id(step))
        if memo is None or not memo.code.guards.hold() or environment.pins() != memo.pins:
            return None
        try:
            known = memo.calls.get(value_digest((args, kwargs), _refuse))
            if known is not None and known.cells:
                self._session.workspace.store.ensure(known.cells)
            return known
        except (NotPlainError, DamagedState):
            return None

    def keep(
        self, step: Step[..., Any], args: tuple[object, ...], kwargs: dict[str, object], verdict: Verdict
    ) -> None:
        """Remember a hit that was found the long way."""
        record = verdict.record
        if record is None or record.trace_json != "[]" or not _is_simple(step):
            return
        try:
            digest = value_digest((args, kwargs), _refuse)
        except NotPlainError:
            return
        memo = self._memo(step)
        if len(memo.calls) >= MOST:
            memo.calls.clear()
        with suppress(DamagedState):  # it was removed just after it was found
            memo.calls[digest] = self._known(step, record)

    def _known(self, step: Step[..., Any], record: RecordRow) -> Known:
        artifact = self._session.loader.artifact(record.output)
        value: Any = (
            self._session.loader.value(artifact) if artifact.format in ("json/1", "bytes/1") else None
        )
        is_kept = artifact.format in ("json/1", "bytes/1") and type(value) in SHARED
        return Known(
            step.name,
            record,
            artifact,
            [] if is_kept else stored_cells(artifact),
            value if is_kept else None,
            is_kept,
            self._session,
            self._run,
        )

    def _memo(self, step: Step[..., Any]) -> StepMemo:
        code = step_code(step.__wrapped__, (str(self._session.workspace.root),))
        memo = self._steps.get(id(step))
        if memo is None or memo.step is not step or memo.code is not code or memo.pins != environment.pins():
            memo = self._steps[id(step)] = StepMemo(step, code, environment.pins(), {})
        return memo


def _is_simple(step: Step[..., Any]) -> bool:
    """Whether the arguments alone decide: no paths, no cache time, nothing the options add."""
    options = step.options
    paths = {FILE, CONTENT, DESTINATION} & set(path_kinds(step.__wrapped__).values())
    return not paths and options.max_age is None and not options.depends
