"""What the face hands to the pipelines room: cached calls and pipeline runs from Python."""

import os
import threading
from typing import Any

from mlops_core.execution.calls import CallSession
from mlops_core.execution.options import RunOptions
from mlops_core.execution.outputs import output_digests
from mlops_core.execution.run import Run
from mlops_core.execution.running import plan_pipeline, run_pipeline
from mlops_core.execution.snapshots.watch import found_latest
from mlops_core.metadata import runs
from mlops_core.pipelines.latest import PastRun
from mlops_core.pipelines.options import PipelineOptions
from mlops_core.pipelines.pipeline import Pipeline
from mlops_core.pipelines.step import Step
from mlops_core.planning.plan import PlannedStep
from mlops_core.workspace.workspace import Workspace, current_workspace

Args = tuple[object, ...]
Kwargs = dict[str, object]


class LocalRunner:
    """Runs in the workspace of the program (its ``__main__`` file, else the current folder)."""

    def __init__(self) -> None:
        self._session: CallSession | None = None
        self._renew_lock()
        os.register_at_fork(after_in_child=self._renew_lock)

    @property
    def _workspace(self) -> Workspace:
        return current_workspace()

    def _renew_lock(self) -> None:
        """In a forked child: the parent's other threads may have held the lock."""
        self._lock = threading.Lock()

    def _calls(self) -> CallSession:
        with self._lock:
            workspace = self._workspace
            if self._session is None or self._session.workspace is not workspace:
                self._session = CallSession(workspace)
            return self._session

    def call(self, step: Step[..., Any], args: Args, kwargs: Kwargs) -> object:
        """A cached call of a step; raises what the step raises."""
        return self._calls().call(step, args, kwargs)

    def plan_call(self, step: Step[..., Any], args: Args, kwargs: Kwargs) -> PlannedStep:
        """What that call would do, and why."""
        return self._calls().plan(step, args, kwargs)

    def run(self, pipeline: Pipeline[..., Any], args: Args, kwargs: Kwargs, options: PipelineOptions) -> Run:
        """Run a pipeline; the ``Run``, also a failed one."""
        return run_pipeline(self._workspace, pipeline, args, kwargs, _options(options))

    def call_pipeline(
        self, pipeline: Pipeline[..., Any], args: Args, kwargs: Kwargs, options: PipelineOptions
    ) -> object:
        """Run a pipeline and return what its body returned, as values.

        Raises the step's own exception with a note that names step and run.
        """
        run = run_pipeline(self._workspace, pipeline, args, kwargs, _options(options))
        if run.error is not None:
            raise _own(run)
        return run.value

    def plan(
        self, pipeline: Pipeline[..., Any], args: Args, kwargs: Kwargs, options: PipelineOptions
    ) -> object:
        """The ``Plan`` of such a run."""
        return plan_pipeline(self._workspace, pipeline, args, kwargs, _options(options))

    def latest(self, pipeline: str, default: object) -> object:
        """The newest succeeded run of a whole pipeline, else ``default``."""
        row = runs.newest(self._workspace.database, pipeline, "succeeded", whole=True)
        found_latest(pipeline, row)
        return default if row is None else PastRun(row.id, row.number, row.pipeline, output_digests(row))


def _options(options: PipelineOptions) -> RunOptions:
    return RunOptions(jobs=options.jobs or 1, force=options.force)


def _own(run: Run) -> BaseException:
    """The step's own exception, with a note; an error that no step raised as it is."""
    assert run.error is not None
    failed = next((step for step in run.steps if step.error is not None), None)
    if failed is None or failed.error is None:
        return run.error
    failed.error.add_note(f"in step {failed.name!r} of run {run.number} (mlops runs show {run.number})")
    return failed.error
