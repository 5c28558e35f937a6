"""Execute one step: hand over its arguments, watch what it touches, store and record what it returns."""

import os
from dataclasses import dataclass

from mlops_core.clock import SYSTEM, Clock
from mlops_core.config import mode
from mlops_core.errors import StateNotWritable
from mlops_core.execution.effects import not_skippable, undeclared_writes, unrecordable
from mlops_core.execution.keep import Keeper
from mlops_core.execution.loading import Loader
from mlops_core.execution.redo import UNUSABLE
from mlops_core.execution.task import Along, Performed, StepTask, nothing_along
from mlops_core.execution.threads import inherit_mode
from mlops_core.locks.keylock import KeyLock
from mlops_core.metadata.records import RecordRow
from mlops_core.pipelines.binding import call_arguments
from mlops_core.planning.code import step_code
from mlops_core.planning.lookup import look_up
from mlops_core.tracing.places import Places
from mlops_core.tracing.recorder import Recording
from mlops_core.workspace.workspace import Workspace

#: Names of types whose values are read piece by piece, not imported for it.
_LAZY = frozenset(
    ("generator", "RecordBatchReader", "FileSystemDataset", "InMemoryDataset", "UnionDataset", "Scanner")
)


@dataclass(slots=True)
class Performer:
    """Executes steps of one workspace in this process."""

    workspace: Workspace
    places: Places
    clock: Clock = SYSTEM

    def perform(self, task: StepTask, along: Along = nothing_along) -> Performed:
        """Run the step and record it, one process at a time for each key.

        ``along`` is called in the transaction that records the result.
        An exception of the step comes back in ``error``, not raised, and that of an argument's stored value
        that does not load in ``unusable``, too.
        """
        if task.record is None:
            return self._execute(task, along)
        with KeyLock(os.path.join(self.workspace.state_dir, "locks", "steps"), task.record.key):
            made = self._made_meanwhile(task) if task.recheck else None
            if made is not None:
                return Performed(digest=made.output, found=made)
            return self._execute(task, along)

    def _made_meanwhile(self, task: StepTask) -> RecordRow | None:
        assert task.record is not None
        return look_up(self.workspace, self.places, task.record.key, self.clock.now(), task.max_age).record

    def _execute(self, task: StepTask, along: Along) -> Performed:
        loader = Loader(self.workspace)
        try:
            values = {n: loader.handed_over(v, n in task.writable) for n, v in task.values.items()}
        except UNUSABLE as error:
            return Performed(error=error, unusable=error)
        args, kwargs = call_arguments(task.step, values)
        readers = task.record.readers if task.record is not None else ()
        recording = Recording(self.places, task.declared, self.workspace.stat_cache, readers)
        keeper = Keeper(self.workspace, self.places, task, recording)
        for _, destination in task.destinations:
            os.makedirs(os.path.dirname(destination), exist_ok=True)
        self._forget_memos(task)
        inherit_mode()
        started = self.clock.ticks()
        try:
            with mode.entered(mode.RUNNING), recording:
                result = task.step.__wrapped__(*args, **kwargs)
                if is_lazy(result):  # the step's code goes on while it is stored
                    keeper.save(result)
            seconds = self.clock.ticks() - started
            if not is_lazy(result):
                keeper.save(result)
        except (Exception, SystemExit) as error:  # a step that leaves the program has failed, not the run
            keeper.abort()
            return Performed(self.clock.ticks() - started, error=error)
        return self._kept(task, result, keeper, recording, seconds, along)

    def _forget_memos(self, task: StepTask) -> None:
        """Empty the ``functools.cache`` wrappers that the step can reach.

        What they remember from before, a file's content for one, would be used without being read again,
        and so without being seen.
        """
        if task.record is None:
            return
        for memo in step_code(task.step.__wrapped__, (str(self.workspace.root),)).memos:
            memo.cache_clear()  # type: ignore[attr-defined]

    def _kept(  # noqa: PLR0917 - all that is known of the step now
        self,
        task: StepTask,
        result: object,
        keeper: Keeper,
        recording: Recording,
        seconds: float,
        along: Along,
    ) -> Performed:
        why = not_skippable(task, result, recording.seen, keeper.returned, self.places)
        never = unrecordable(task, recording.seen, self.places, self.workspace.stat_cache)
        flags: dict[str, object] = {"not_skippable": why} if why else {}
        unrestored = undeclared_writes(task, recording.seen, keeper.returned, self.places)
        if unrestored and not why:
            flags["unrestored"] = unrestored
        artifact = keeper.artifact
        performed = Performed(seconds, artifact.digest, why or never, artifact=artifact)
        try:
            keeper.commit(performed, flags, None if never else self.clock.now(), along)
        except OSError as error:
            if isinstance(error, StateNotWritable):
                raise  # no step can be recorded
            return Performed(seconds, error=error)
        return performed


def is_lazy(result: object) -> bool:
    """Whether the step's code goes on while its result is read: a generator, a reader, a dataset."""
    return type(result).__name__ in _LAZY
