"""``mlops doctor``: what is installed, what is broken, and what to do about it."""

import click

from mlops_core.cli.checks.check import Check
from mlops_core.cli.failures import LACKING
from mlops_core.cli.group import ExampleCommand
from mlops_core.cli.invocation import Invocation
from mlops_core.cli.options import json_option
from mlops_core.cli.render.table import Column, table

_COLUMNS = (Column("what"), Column("state", status=True), Column("found", elastic=True))


@click.command(
    "doctor",
    cls=ExampleCommand,
    examples=("mlops doctor", "mlops doctor --json"),
    help="Say what is installed, what is broken, and what to do about it. Exit status 4 where something "
    "needed is missing or broken.",
)
@json_option
@click.pass_obj
def command(invocation: Invocation) -> int:
    checks = every_check()
    console = invocation.console
    rows = [(check.name, check.state, check.found) for check in checks]
    console.lines(table(_COLUMNS, rows, width=console.width, style=console.style))
    for check in checks:
        if check.advice:
            console.line(f"{check.name}: {check.advice}")
    broken = [check.name for check in checks if check.state == "broken"]
    console.line(f"broken: {', '.join(broken)}" if broken else "everything that is needed works")
    document: dict[str, object] = {
        "schema": "mlops.doctor/1",
        "healthy": not broken,
        "checks": [check.as_json() for check in checks],
    }
    if broken:
        document["error"] = {
            "code": "unhealthy",
            "message": f"broken: {', '.join(broken)}",
            "hint": "; ".join(check.advice for check in checks if check.state == "broken"),
        }
    invocation.emit(document)
    return LACKING if broken else 0


def every_check() -> list[Check]:
    """All checks, in the order in which one thing needs another."""
    from mlops_core.cli.checks import distribution, engine, libraries, python, sqlite, state

    return [
        python.check(),
        *distribution.checks(),
        *engine.checks(),
        *engine.kernel_checks(),
        *libraries.checks(),
        sqlite.check(),
        *state.checks(),
    ]
