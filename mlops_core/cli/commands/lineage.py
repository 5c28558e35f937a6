"""``mlops lineage``: up and down from one thing."""

import click

from mlops_core.cli.group import ExampleCommand
from mlops_core.cli.invocation import Invocation
from mlops_core.cli.opening import current_root, workspace_at
from mlops_core.cli.options import json_option
from mlops_core.cli.render.lineage import branches, lineage_lines


@click.command(
    "lineage",
    cls=ExampleCommand,
    examples=("mlops lineage latest", "mlops lineage data/bikes.csv"),
    help="""Show what something was made from, and what was made from it.

    WHAT is a run (42, latest, train/latest), a step of a run (42:fit),
    a digest (8 digits or more), or a file.""",
)
@click.argument("what", metavar="WHAT")
@json_option
@click.pass_obj
def command(invocation: Invocation, what: str) -> int:
    from mlops_core.execution.api import lineage

    with workspace_at(current_root(), readonly=True) as workspace:
        found = lineage(workspace, what)
    invocation.console.lines(lineage_lines(found.name, branches(found.up), branches(found.down)))
    invocation.emit(found.as_json())
    return 0
