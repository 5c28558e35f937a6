"""Run and plan pipelines: the entry points for the command line and the face."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from mlops_core.config import mode
from mlops_core.errors import MlopsError, UserCodeError
from mlops_core.execution import metrics, outputs
from mlops_core.execution.executors import Executor, InProcess
from mlops_core.execution.finish import Finisher, step_failure
from mlops_core.execution.listener import Listener
from mlops_core.execution.loop import Loop
from mlops_core.execution.options import RunOptions
from mlops_core.execution.outside import check_cached
from mlops_core.execution.planner import plan_graph
from mlops_core.execution.preparation import Preparation
from mlops_core.execution.run import CANCELLED, FAILED, SKIPPED, SUCCEEDED, Run, StepRun
from mlops_core.execution.session import Session
from mlops_core.pipelines.building import build
from mlops_core.pipelines.graph import Graph
from mlops_core.pipelines.pipeline import Pipeline
from mlops_core.pipelines.return_types import returns_metrics
from mlops_core.planning.missing import check_inputs
from mlops_core.planning.outcomes import SKIPPED as SKIPPED_STATE
from mlops_core.planning.outcomes import Outcome
from mlops_core.planning.parameters import resolved_parameters
from mlops_core.planning.plan import Plan
from mlops_core.workspace.workspace import Workspace, set_current_workspace

SILENT = Listener()


def run_pipeline(  # noqa: PLR0917 - the command line and the face call it with all of them
    workspace: Workspace,
    pipeline: Pipeline[..., Any],
    args: tuple[object, ...] = (),
    kwargs: Mapping[str, object] | None = None,
    options: RunOptions | None = None,
    listener: Listener = SILENT,
) -> Run:
    """Run a pipeline to its end and return the ``Run``, also a failed one.

    Raises, before anything runs and without a recorded run: ``UserCodeError`` and misuse of deferred
    values from the body, ``StepNotFound``, ``MissingInput``, ``NotInCache``. ``KeyboardInterrupt`` passes
    through after the run was recorded as cancelled.
    """
    options = options or RunOptions()
    session = Session(workspace, options.cache and not mode.cache_is_off())
    with workspace.store.lease() as session.loader.lease:
        graph, params = built(workspace, pipeline, args, kwargs or {}, options)
        _check(session, graph, options)
        run = _carry_out(session, graph, params, options, listener)
    session.tidy(run)
    return run


def plan_pipeline(
    workspace: Workspace,
    pipeline: Pipeline[..., Any],
    args: tuple[object, ...] = (),
    kwargs: Mapping[str, object] | None = None,
    options: RunOptions | None = None,
) -> Plan:
    """What such a run would do, and why. Nothing runs."""
    options = options or RunOptions()
    session = Session(workspace, options.cache and not mode.cache_is_off())
    graph, _ = built(workspace, pipeline, args, kwargs or {}, options)
    session.pipeline = graph.pipeline
    options.selection.check(graph)
    check_inputs(graph, options.selection, workspace.root)
    return plan_graph(session, graph, options.selection)[0]


def built(
    workspace: Workspace,
    pipeline: Pipeline[..., Any],
    args: tuple[object, ...],
    kwargs: Mapping[str, object],
    options: RunOptions,
) -> tuple[Graph, dict[str, object]]:
    """The graph, and the parameters it was built with; an exception of the body becomes ``UserCodeError``."""
    params = resolved_parameters(pipeline, args, kwargs, workspace.root, options.params_origin)
    set_current_workspace(workspace)  # `latest` in the body looks here
    try:
        with options.watch.recording(workspace.root) if options.watch else nullcontext():
            return build(pipeline, *params.call), params.shown
    except MlopsError:
        raise
    except Exception as error:
        raise UserCodeError(
            f"the body of pipeline {pipeline.name!r} failed: {type(error).__name__}: {error}",
            hint="the body runs while the graph is built; what a step computes is not there yet",
            pipeline=pipeline.name,
        ) from error


def _check(session: Session, graph: Graph, options: RunOptions) -> None:
    """Everything that must fail before anything runs."""
    session.pipeline = graph.pipeline
    selection = options.selection
    selection.check(graph)
    check_inputs(graph, selection, session.workspace.root)
    if selection.partial:
        check_cached(session, graph, selection)


def _carry_out(
    session: Session, graph: Graph, params: dict[str, object], options: RunOptions, listener: Listener
) -> Run:
    started = session.clock.ticks()
    run = session.begin(
        graph.pipeline, options.target, params, options.params_origin, options.selection.partial
    )
    run.steps = [StepRun(node.name, base=node.base) for node in graph.nodes]
    listener.run_started(run)
    loop = _loop(session, graph, run, options, listener)
    try:
        loop.go()
        run.status = FAILED if loop.failed else SUCCEEDED
    except KeyboardInterrupt:
        loop.interrupted()
        run.status = CANCELLED
        raise
    except BaseException as error:
        _fail(run, error)
        loop.interrupted()
    finally:
        loop.executor.close()
        try:
            _settle(session, loop, graph, options)
        except Exception as error:  # the run is recorded as it ended, whatever its outputs are
            _fail(run, error)
        run.seconds = session.clock.ticks() - started
        session.end(run)
        listener.run_finished(run)
    return run


def _loop(session: Session, graph: Graph, run: Run, options: RunOptions, listener: Listener) -> Loop:
    executor: Executor = InProcess(session.performer)
    if options.jobs > 1:
        from mlops_core.execution.starting import starter
        from mlops_core.execution.workers import Workers

        executor = Workers(session.performer, options.jobs, starter(session.workspace))
    selection = options.selection
    preparation = Preparation(session.decider, session.resolver, session.loader, selection)
    finisher = Finisher(session.workspace, run, listener, session.loader)
    return Loop(graph, run, selection.roles(graph), preparation, executor, finisher, session.outcomes)


def _settle(session: Session, loop: Loop, graph: Graph, options: RunOptions) -> None:
    """Outputs, metrics and the list of steps, from what was finished."""
    run = loop.run
    units = [unit for node in graph.nodes for unit in loop.units.get(node.position, [])]
    run.steps = [unit.step_run for unit in units]
    if options.watch is not None:
        options.watch.units = units
    loop.finisher.flush()
    failed = next((step for step in run.steps if step.error is not None), None)
    if failed is not None and run.error is None:
        assert failed.error is not None
        _fail(run, step_failure(failed.name, run.number, failed.error))
    _forget_unselected(session, loop)
    run.metrics = metrics.collected(units, session.loader, returns_metrics)
    if run.status == SUCCEEDED:
        outputs.settle(run, graph.outputs, session.resolver, session.loader)


def _forget_unselected(session: Session, loop: Loop) -> None:
    """Values of steps outside the selection served the keys of others; the run itself has none of them."""
    for position, units in loop.units.items():
        skipped = [unit for unit in units if unit.step_run.status == SKIPPED]
        for unit in skipped:
            unit.outcome = Outcome(SKIPPED_STATE, because=unit.step_run.reason)
        if skipped and len(skipped) == len(units):
            session.outcomes[position] = Outcome(SKIPPED_STATE, because=skipped[0].step_run.reason)


def _fail(run: Run, error: BaseException) -> None:
    run.status, run.error = FAILED, error
    code, hint = getattr(error, "code", "error"), getattr(error, "hint", "")
    run.error_json = {"code": str(code), "message": str(getattr(error, "message", error)), "hint": str(hint)}
