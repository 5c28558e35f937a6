"""``mlops runs ls``: past runs, newest first."""

import json
from typing import TYPE_CHECKING

import click

from mlops_core.cli.group import ExampleCommand
from mlops_core.cli.invocation import Invocation
from mlops_core.cli.opening import current_root, workspace_at
from mlops_core.cli.options import json_option
from mlops_core.cli.render.amounts import duration, local_time, utc_text
from mlops_core.cli.render.results import plain_metrics
from mlops_core.cli.render.run_lines import pairs_line
from mlops_core.cli.render.table import Column, table
from mlops_core.cli.run_filter import RunFilter, select

if TYPE_CHECKING:
    from mlops_core.metadata.runs import RunRow

_COLUMNS = (
    Column("run", align=">"),
    Column("pipeline"),
    Column("status", status=True),
    Column("started"),
    Column("time", align=">"),
    Column("metrics", elastic=True),
    Column("parameters", elastic=True),
)


@click.command(
    "ls",
    cls=ExampleCommand,
    examples=("mlops runs ls", "mlops runs ls train failed depth=8"),
    help="""List runs, newest first.

    FILTER is any of: a pipeline's name, a status (running, succeeded, failed, cancelled, interrupted),
    NAME=VALUE of a parameter. A run is listed when all of them fit.""",
)
@click.argument("filters", metavar="[FILTER]...", nargs=-1)
@click.option(
    "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="List at most this many."
)
@json_option
@click.pass_obj
def command(invocation: Invocation, filters: tuple[str, ...], limit: int) -> int:
    wanted = RunFilter.parse(filters)
    with workspace_at(current_root(), readonly=True) as workspace:
        total, rows = select(workspace.database, wanted, limit)
    _show(invocation, rows, total)
    invocation.emit({"schema": "mlops.runs/1", "total": total, "runs": [as_json(row) for row in rows]})
    return 0


def _show(invocation: Invocation, rows: "list[RunRow]", total: int) -> None:
    console = invocation.console
    if not rows:
        invocation.errors.line("no runs" if total == 0 else "no runs fit")
        return
    cells = [_cells(row) for row in rows]
    console.lines(table(_COLUMNS, cells, width=console.width, style=console.style))
    if total > len(rows):
        invocation.errors.line(f"{len(rows)} of {total} runs; more with --limit")


def _cells(row: "RunRow") -> tuple[str, ...]:
    return (
        str(row.number),
        row.pipeline,
        row.status,
        local_time(row.started),
        duration(row.seconds),
        pairs_line(plain_metrics(_loaded(row.metrics_json))),
        pairs_line(_loaded(row.params_json), joint="="),
    )


def _loaded(text: str | None) -> dict[str, object]:
    return json.loads(text) if text else {}


def as_json(row: "RunRow") -> dict[str, object]:
    """One run as ``mlops runs ls --json`` prints it."""
    return {
        "run": row.number,
        "run_id": row.id,
        "pipeline": row.pipeline,
        "status": row.status,
        "started": utc_text(row.started),
        "seconds": row.seconds,
        "params": _loaded(row.params_json),
        "metrics": _loaded(row.metrics_json),
        "tags": {},
    }
