"""``mlops runs show``: one run in full."""

from typing import TYPE_CHECKING

import click

from mlops_core.cli.console import Console
from mlops_core.cli.group import ExampleCommand
from mlops_core.cli.invocation import Invocation
from mlops_core.cli.opening import current_root, workspace_at
from mlops_core.cli.options import json_option
from mlops_core.cli.render.amounts import duration, local_time, size
from mlops_core.cli.render.results import result_lines
from mlops_core.cli.render.run_lines import step_time, summary_line, value_text
from mlops_core.cli.render.table import Column, table
from mlops_core.cli.render.width import clean

if TYPE_CHECKING:
    from mlops_core.execution.run import Run

_COLUMNS = (
    Column("step"),
    Column("status", status=True),
    Column("reason", elastic=True),
    Column("time", align=">"),
    Column("memory", align=">"),
)


@click.command(
    "show",
    cls=ExampleCommand,
    examples=("mlops runs show 42", "mlops runs show train/latest"),
    help="""Show one run: its steps with reasons, parameters, metrics, outputs.

    REF is a run's number, latest, or PIPELINE/latest.""",
)
@click.argument("reference", metavar="REF", default="latest")
@json_option
@click.pass_obj
def command(invocation: Invocation, reference: str) -> int:
    from mlops_core.execution.api import load_run

    with workspace_at(current_root(), readonly=True) as workspace:
        run = load_run(workspace, reference)
        show(invocation.console, run)
        invocation.emit(run.as_json())
    return 0


def show(console: Console, run: "Run") -> None:
    """Print a run as it is recorded."""
    style = console.style
    status = style.paint(run.status, run.status)
    console.line(
        f"{style.paint(run.pipeline, 'bold')} · run {run.number} · {status} · "
        f"{local_time(run.started)} · {duration(run.seconds)}"
    )
    for name, value in run.params.items():
        origin = run.params_origin.get(name, "default")
        console.line(f"  {clean(name)} = {value_text(value)} " + style.paint(f"({origin})", "dim"))
    if run.steps:
        rows = [
            (step.name, step.status, step.reason, step_time(step), size(step.peak_memory))
            for step in run.steps
        ]
        console.lines(table(_COLUMNS, rows, width=console.width, style=style))
    console.lines(result_lines(run, console.width))
    console.line(summary_line(run.steps, run.seconds))
    if run.error_json:
        code, message = run.error_json.get("code", ""), run.error_json.get("message", "")
        console.line(f"{style.paint(f'error {code}:', 'error')} {message}")
