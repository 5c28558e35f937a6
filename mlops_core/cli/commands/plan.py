"""``mlops plan``: what would run, and why; runs nothing."""

from typing import TYPE_CHECKING

import click

from mlops_core.cli.console import Console
from mlops_core.cli.group import ExampleCommand
from mlops_core.cli.invocation import Invocation
from mlops_core.cli.opening import planning_workspace_at
from mlops_core.cli.options import (
    json_option,
    no_cache_option,
    parameters_option,
    selection_options,
    target_argument,
)
from mlops_core.cli.parameters import collect
from mlops_core.cli.render.amounts import duration, size
from mlops_core.cli.render.table import Column, table

if TYPE_CHECKING:
    from mlops_core.planning.plan import Plan

_COLUMNS = (
    Column("step"),
    Column("verdict", status=True),
    Column("reason", elastic=True),
    Column("time", align=">"),
    Column("memory", align=">"),
)


@click.command(
    "plan",
    cls=ExampleCommand,
    examples=("mlops plan pipeline.py", "mlops plan train -p depth=8 --json"),
    help="""Say what would run and why, how long and how much memory it took before; run nothing.

    TARGET is FILE.py, FILE.py:NAME, package.module:NAME, or a pipeline's name from mlops.toml.""",
)
@target_argument
@parameters_option
@selection_options
@no_cache_option
@json_option
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    target: str,
    parameters: tuple[str, ...],
    force: tuple[str, ...],
    only: tuple[str, ...],
    start: tuple[str, ...],
    until: tuple[str, ...],
    no_cache: bool,
) -> int:
    given = collect(target, parameters)  # first: a wrong target is told before anything heavy loads

    from mlops_core.execution.options import RunOptions
    from mlops_core.execution.running import plan_pipeline

    options = RunOptions(force=force, only=only, start=start, until=until, cache=not no_cache)
    with planning_workspace_at(given.root) as workspace:
        plan = plan_pipeline(workspace, given.pipeline, given.args, given.kwargs, options)
    show(invocation.console, plan)
    invocation.emit(plan.as_json())
    return 0


def show(console: Console, plan: "Plan") -> None:
    """Print a plan as a table, and what it adds up to."""
    rows = [
        (
            step.name,
            step.verdict,
            step.reason,
            duration(step.expected_seconds) if step.verdict == "run" else "",
            size(step.expected_memory) if step.verdict == "run" else "",
        )
        for step in plan.steps
    ]
    if rows:
        console.lines(table(_COLUMNS, rows, width=console.width, style=console.style))
    console.line(summary(plan))


def summary(plan: "Plan") -> str:
    """``prices: 2 to run, 1 cached · about 14.2 s``; steps that never ran have no expected time."""
    words = {"run": "to run", "cached": "cached", "skip": "skipped", "unknown": "not known yet"}
    tally = {word: sum(step.verdict == word for step in plan.steps) for word in words}
    told = ", ".join(f"{count} {words[word]}" for word, count in tally.items() if count)
    running = [step.expected_seconds for step in plan.steps if step.verdict == "run"]
    known = [seconds for seconds in running if seconds is not None]
    expected = f" · about {duration(sum(known))}" if known and len(known) == len(running) else ""
    return f"{plan.pipeline}: {told or 'no steps'}{expected}"
