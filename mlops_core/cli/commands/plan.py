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
from mlops_core.cli.render.width import clean, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlops_core.planning.plan import Plan

_OBSTACLE = "a run with nothing to do imports the code each time: "
_PIPE_WIDTH = 200
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
    from mlops_core.execution.options import RunOptions
    from mlops_core.execution.running import plan_pipeline
    from mlops_core.execution.snapshots.watch import Watch

    watch = Watch(invocation.arguments)
    given = collect(target, parameters, watch)
    options = RunOptions(force=force, only=only, start=start, until=until, cache=not no_cache, watch=watch)
    with planning_workspace_at(given.root) as workspace:
        plan = plan_pipeline(workspace, given.pipeline, given.args, given.kwargs, options)
    show(invocation.console, plan, watch.obstacles(given.pipeline))
    invocation.emit(plan.as_json())
    return 0


def show(console: Console, plan: "Plan", obstacles: "Sequence[str]" = ()) -> None:
    """Print a plan as a table, what it adds up to, and why a run with nothing to do imports the code."""
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
    if obstacles:
        why = shorten(clean(obstacles[0]), (console.width or _PIPE_WIDTH) - len(_OBSTACLE))
        console.line(console.style.paint(_OBSTACLE + why, "dim"))


def summary(plan: "Plan") -> str:
    """``prices: 2 to run, 1 cached · about 14.2 s``; steps that never ran have no expected time."""
    words = {"run": "to run", "cached": "cached", "skip": "skipped", "unknown": "not known yet"}
    tally = {word: sum(step.verdict == word for step in plan.steps) for word in words}
    told = ", ".join(f"{count} {words[word]}" for word, count in tally.items() if count)
    running = [step.expected_seconds for step in plan.steps if step.verdict == "run"]
    known = [seconds for seconds in running if seconds is not None]
    expected = f" · about {duration(sum(known))}" if known and len(known) == len(running) else ""
    return f"{plan.pipeline}: {told or 'no steps'}{expected}"
