"""``mlops run``: run a pipeline and show what happens."""

import click

from mlops_core.cli.answered import shown_of
from mlops_core.cli.failures import describe
from mlops_core.cli.group import ExampleCommand
from mlops_core.cli.invocation import Invocation
from mlops_core.cli.json_output import to_text
from mlops_core.cli.opening import workspace_at
from mlops_core.cli.options import (
    jobs_option,
    json_option,
    no_cache_option,
    parameters_option,
    selection_options,
    target_argument,
)
from mlops_core.cli.parameters import collect
from mlops_core.cli.run_failure import run_failure
from mlops_core.cli.run_printer import RunPrinter


@click.command(
    "run",
    cls=ExampleCommand,
    examples=("mlops run pipeline.py", "mlops run pipeline.py:train -p depth=8 -j 4"),
    help="""Run a pipeline; steps that are up to date come from the cache.

    TARGET is FILE.py, FILE.py:NAME, package.module:NAME, or a pipeline's name from mlops.toml.""",
)
@target_argument
@parameters_option
@jobs_option
@selection_options
@no_cache_option
@json_option
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    target: str,
    parameters: tuple[str, ...],
    jobs: int | None,
    force: tuple[str, ...],
    only: tuple[str, ...],
    start: tuple[str, ...],
    until: tuple[str, ...],
    no_cache: bool,
) -> int:
    # Not through execution.api: a run with nothing to do should not load what explains past ones.
    from mlops_core.execution.options import RunOptions
    from mlops_core.execution.running import run_pipeline
    from mlops_core.execution.snapshots.watch import Watch

    watch = Watch(invocation.arguments)
    given = collect(target, parameters, watch)
    options = RunOptions(
        jobs=jobs or 1,
        force=force,
        only=only,
        start=start,
        until=until,
        cache=not no_cache,
        params_origin=given.origins,
        target=target,
        watch=watch,
    )
    with workspace_at(given.root) as workspace, RunPrinter(invocation.console, given.origins) as printer:
        watch.opened(workspace)
        try:
            run = run_pipeline(workspace, given.pipeline, given.args, given.kwargs, options, printer)
        except KeyboardInterrupt as stop:
            return stopped(invocation, printer, stop)
        failure = run_failure(run)
        document = run.as_json()
        snapshot = watch.snapshot(workspace, run, given.file, given.pipeline)
    if failure is not None:
        document["error"] = failure.as_json()
        invocation.tell(failure)
    invocation.emit(document)
    if snapshot is not None:
        text = to_text(document) if invocation.json else None
        snapshot.keep(shown_of(run, printer.names_at_start, text))
    return failure.exit_status if failure else 0


def stopped(invocation: Invocation, printer: RunPrinter, stop: KeyboardInterrupt) -> int:
    """The end of a run that Ctrl-C or SIGTERM stopped: what was done is told like any other end."""
    failure = describe(stop)
    printer.close()
    if printer.run is None:
        return invocation.fail(failure)
    invocation.tell(failure)
    invocation.emit({**printer.run.as_json(), "error": failure.as_json()})
    return failure.exit_status
