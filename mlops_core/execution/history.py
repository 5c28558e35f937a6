"""Past runs, as objects of the same kind as a run that just ended."""

import json

from mlops_core.config.references import RunReference, parse_reference
from mlops_core.errors import ReferenceNotFound
from mlops_core.execution.loading import Loader
from mlops_core.execution.outputs import output_digests
from mlops_core.execution.run import Run, RunOutputs, StepRun
from mlops_core.metadata import runs, step_runs
from mlops_core.metadata.runs import RunRow
from mlops_core.metadata.step_runs import StepRunRow
from mlops_core.workspace.workspace import Workspace


def load_run(workspace: Workspace, reference: str) -> Run:
    """The run of ``42``, ``latest`` or ``PIPELINE/latest``, with its steps.

    Raises ``ReferenceNotFound`` where no such run is recorded.
    """
    row = find_run(workspace, reference)
    loader = Loader(workspace)
    options = json.loads(row.options_json)
    outputs = json.loads(row.outputs_json or "{}")
    return Run(
        id=row.id,
        number=row.number,
        pipeline=row.pipeline,
        status=row.status,
        steps=[_step(step, loader, row.number) for step in step_runs.of_run(workspace.database, row.id)],
        outputs=RunOutputs(output_digests(row), loader.by_digest),
        params=json.loads(row.params_json),
        metrics=json.loads(row.metrics_json or "{}"),
        seconds=row.seconds or 0.0,
        started=row.started,
        params_origin=options.get("params_origin", {}),
        outputs_json=outputs.get("shown", {}),
        error_json=json.loads(row.error_json) if row.error_json else None,
    )


def _step(row: StepRunRow, loader: Loader, number: int) -> StepRun:
    reasons = json.loads(row.reasons_json)
    made = next((reason["run"] for reason in reasons if reason["kind"] == "hit"), number)
    return StepRun(
        row.name,
        row.status,
        row.reason,
        reasons,
        json.loads(row.arguments_json),
        row.seconds or 0.0,
        row.saved_seconds or 0.0,
        row.peak_memory,
        made,
        row.base,
        row.output,
        load=loader.by_digest,
    )


def find_run(workspace: Workspace, reference: str) -> RunRow:
    """The row of a run. Raises ``ReferenceNotFound``."""
    parsed = parse_reference(reference)
    if not isinstance(parsed, RunReference):
        raise ReferenceNotFound(
            f"{reference!r} is no run", hint="mlops runs ls lists them", reference=reference
        )
    if parsed.number is not None:
        row = runs.get(workspace.database, parsed.number)
    else:
        row = runs.newest(workspace.database, parsed.pipeline)
    if row is None:
        total, rows = runs.listing(workspace.database, limit=1)
        newest = f"the newest of {total} is {rows[0].number}" if rows else "nothing has run here yet"
        raise ReferenceNotFound(
            f"no run {reference!r}: {newest}", hint="mlops runs ls lists them", reference=reference
        )
    return row
