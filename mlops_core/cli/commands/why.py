"""``mlops why``: the reasons of one step, or of all, in full depth."""

from typing import TYPE_CHECKING

import click

from mlops_core.cli.group import ExampleCommand
from mlops_core.cli.invocation import Invocation
from mlops_core.cli.opening import current_root, planning_workspace_at, workspace_at
from mlops_core.cli.options import json_option, parameters_option
from mlops_core.cli.parameters import collect
from mlops_core.cli.render.diff import painted
from mlops_core.cli.subject import Subject, subject

if TYPE_CHECKING:
    from mlops_core.execution.api import Explanation


@click.command(
    "why",
    cls=ExampleCommand,
    examples=("mlops why", "mlops why pipeline.py fit"),
    help="""Say why a step ran, would run, or need not: what differs from the nearest
    earlier result, old and new.

    Without TARGET it is about the last run; with one, about what a run would do now. TARGET is also a
    reference to a run: 42, latest, train/latest, 42:fit. Without STEP all steps are explained.""",
)
@click.argument("target", required=False)
@click.argument("step", required=False)
@parameters_option
@json_option
@click.pass_obj
def command(
    invocation: Invocation, *, target: str | None, step: str | None, parameters: tuple[str, ...]
) -> int:
    explanation = _explanation(subject(target, step, current_root()), parameters)
    invocation.console.lines(painted(explanation.text, invocation.console.style))
    invocation.emit(explanation.as_json())
    return 0


def _explanation(about: Subject, parameters: tuple[str, ...]) -> "Explanation":
    from mlops_core.execution.api import RunOptions, plan_pipeline, why

    if about.target is None:
        with workspace_at(current_root(), readonly=True) as workspace:
            return why(workspace, about.reference, about.step)
    given = collect(about.target, parameters)
    with planning_workspace_at(given.root) as workspace:
        plan = plan_pipeline(workspace, given.pipeline, given.args, given.kwargs, RunOptions())
        return why(workspace, plan, about.step)
