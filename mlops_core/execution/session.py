"""Everything one run needs, put together: decider, resolver, loader, performer, row in the database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_core.clock import SYSTEM, Clock
from mlops_core.errors import DiskFull, StateNotWritable
from mlops_core.execution.finite import finite
from mlops_core.execution.loading import Loader
from mlops_core.execution.perform import Performer
from mlops_core.execution.run import FAILED, RAN, Run, RunOutputs
from mlops_core.execution.run_id import new_run_id
from mlops_core.metadata import runs
from mlops_core.metadata.process import identity
from mlops_core.metadata.runs import RunRow
from mlops_core.planning.decide import Decider
from mlops_core.planning.outcomes import Outcome
from mlops_core.planning.preview import preview
from mlops_core.planning.resolve import Resolver
from mlops_core.tracing.places import Places
from mlops_core.workspace.workspace import Workspace


@dataclass(slots=True)
class Session:
    """The parts of one run of a workspace, joined."""

    workspace: Workspace
    cache: bool = True
    pipeline: str = ""
    clock: Clock = SYSTEM
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    places: Places = field(init=False)
    loader: Loader = field(init=False)

    def __post_init__(self) -> None:
        self.places = Places(str(self.workspace.root), str(self.workspace.state_dir))
        self.loader = Loader(self.workspace)

    @property
    def decider(self) -> Decider:
        """Makes the verdicts."""
        return Decider(
            self.workspace,
            self.places,
            self.clock.now(),
            self.cache,
            (str(self.workspace.root),),
            self.pipeline,
        )

    @property
    def resolver(self) -> Resolver:
        """Finds what deferred values stand for, from the outcomes so far."""
        return Resolver(self.outcomes, self.loader.value, self.loader.artifact)

    @property
    def performer(self) -> Performer:
        """Executes steps in this process."""
        return Performer(self.workspace, self.places, self.clock)

    def begin(
        self,
        pipeline: str,
        target: str,
        params: Mapping[str, object],
        origins: Mapping[str, str],
        partial: bool = False,
    ) -> Run:
        """Record that a run starts (``partial``: of selected steps); it gets its number here."""
        run = Run(
            new_run_id(),
            None,
            pipeline,
            params=dict(params),
            started=self.clock.now(),
            params_origin=dict(origins),
        )
        row = RunRow(
            id=run.id,
            number=0,
            pipeline=pipeline,
            target=target,
            status=run.status,
            started=run.started,
            seconds=None,
            params_json=params_json(params),
            outputs_json=None,
            metrics_json=None,
            error_json=None,
            options_json=json.dumps({"params_origin": dict(origins), "partial": partial}),
            process=identity(),
        )
        with self.workspace.database.transaction() as tx:
            run.number = runs.start(tx, row)
        return run

    def end(self, run: Run) -> None:
        """Record how the run ended; where steps have executed, all of it is on the disk then.

        Where the disk has no room even for that, the run has failed, and stays recorded as running until
        the next command finds that its process is gone.
        """
        try:
            self._record_end(run)
            if any(step.status == RAN for step in run.steps):
                self.workspace.syncs.flush()
        except DiskFull as full:
            run.status, run.error = FAILED, run.error or full
        except StateNotWritable as refused:  # by the disk: finished steps may not be there after a power cut
            run.status, run.error = FAILED, run.error or refused
            self._record_end(run)

    def _record_end(self, run: Run) -> None:
        with self.workspace.database.transaction() as tx:
            runs.finish(
                tx,
                run.id,
                run.status,
                run.seconds,
                outputs_json(run),
                json.dumps(finite(run.metrics)),
                json.dumps(run.error_json) if run.error_json else None,
            )

    def tidy(self, run: Run) -> None:
        """Keep the store within the project's budget, where the run stored something."""
        if self.workspace.settings.store.budget is None or not any(s.status == RAN for s in run.steps):
            return
        from mlops_core.execution.upkeep.automatic import keep_within_budget

        keep_within_budget(self.workspace)


def outputs_json(run: Run) -> str:
    """Outputs as the database keeps them: digests, and what is shown of them."""
    digests = run.outputs.digests if isinstance(run.outputs, RunOutputs) else {}
    named = {name: None if digest is None else digest.hex() for name, digest in digests.items()}
    return json.dumps({"digests": named, "shown": run.outputs_json})


def params_json(params: Mapping[str, object]) -> str:
    """Parameters as the database keeps them: plain values as they are, others as short text."""
    return json.dumps({name: plain(value) for name, value in params.items()})


def plain(value: object) -> Any:
    """A JSON value for a parameter."""
    if (
        value is None
        or isinstance(value, (bool, int, str))
        or (isinstance(value, float) and abs(value) < float("inf"))
    ):
        return value
    if type(value) in (list, tuple):
        return [plain(item) for item in value]  # type: ignore[attr-defined]
    if type(value) is dict:
        return {str(k): plain(v) for k, v in value.items()}
    return str(value) if hasattr(value, "__fspath__") else preview(value)
