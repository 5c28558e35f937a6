"""``mlops store verify``: read everything, and name what is damaged."""

from typing import TYPE_CHECKING

import click

from mlops_core.cli.failures import Failure
from mlops_core.cli.group import ExampleCommand
from mlops_core.cli.invocation import Invocation
from mlops_core.cli.opening import current_root, workspace_at
from mlops_core.cli.options import json_option
from mlops_core.cli.render.amounts import counted, size
from mlops_core.cli.render.table import Column, table
from mlops_core.errors import DamagedState

if TYPE_CHECKING:
    from mlops_core.execution.upkeep.scrub import Scrubbed
    from mlops_core.execution.upkeep.survey import Value

_LOST = (
    Column("pipeline"),
    Column("step"),
    Column("run", align=">"),
    Column("value", elastic=True),
    Column("digest"),
    Column("damage", elastic=True),
)


@click.command(
    "verify",
    cls=ExampleCommand,
    examples=("mlops store verify", "mlops store verify --repair"),
    help="""Read every byte of the store and every row of the database, and name what is damaged.

    Exit status 5 where damage was found, also when it was repaired. With --repair damaged files are moved
    to the folder damaged/, what is right in them is kept, and the next run makes the lost values again.""",
)
@click.option("--repair", is_flag=True, help="Set aside what is damaged, and keep what is not.")
@json_option
@click.pass_obj
def command(invocation: Invocation, *, repair: bool) -> int:
    from mlops_core.execution.upkeep.repair import repair_store
    from mlops_core.execution.upkeep.scrub import Fault, scrub_store
    from mlops_core.workspace.recovery import told

    aside: list[str] = []
    with workspace_at(current_root(), readonly=not repair) as workspace:
        replaced = workspace.database.moved_aside
        if repair:
            found, aside = repair_store(workspace)
        else:
            found = scrub_store(workspace)
        if replaced is not None:  # damage was met as soon as it was opened
            found.faults.insert(0, Fault("database", workspace.database.path, told(workspace.database)))
            aside = list(dict.fromkeys([replaced, *aside]))
    document = as_json(found, aside, repair)
    _show(invocation, found, aside)
    failure = _failure(found, repair) if found.faults else None
    if failure is not None:
        invocation.tell(failure)
        document["error"] = failure.as_json()
    invocation.emit(document)
    return failure.exit_status if failure else 0


def _failure(found: "Scrubbed", repaired: bool) -> Failure:
    done = "repaired" if repaired else "found"
    hint = "run the pipelines again: what was lost is computed anew"
    if not repaired:
        hint = "run `mlops store verify --repair`, then the pipelines: what was lost is computed anew"
    message = f"{counted(len(found.faults), 'damage')} {done}, {counted(len(found.lost), 'value')} lost"
    return Failure(DamagedState.code, message, hint, DamagedState.exit_status)


def _show(invocation: Invocation, found: "Scrubbed", aside: list[str]) -> None:
    console = invocation.console
    read = f"{counted(found.segments, 'segment')} ({size(found.bytes)}), {counted(found.cells, 'cell')}"
    console.line(f"read {read}, {counted(found.values, 'value')}")
    for fault in found.faults:
        console.line(f"{fault.where}: {fault.what}")
    if found.lost:
        rows = [row for value in found.lost for row in _cells(value)]
        console.lines(["", *table(_LOST, rows, width=console.width, style=console.style)])
    for place in aside:
        console.line(f"set aside: {place}")
    if not found.faults:
        console.line("everything is as it was written")


def _cells(value: "Value") -> list[tuple[str, ...]]:
    """A line for each record whose value it is."""
    rest = (value.type, value.digest.hex()[:12], value.fault)
    made = [(result.pipeline, result.name, str(result.run_number)) for result in value.results]
    return [(*one, *rest) for one in made or [("", "", "")]]


def as_json(found: "Scrubbed", aside: list[str], repaired: bool) -> dict[str, object]:
    """The document of ``mlops store verify --json``."""
    return {
        "schema": "mlops.store.verify/1",
        "sound": not found.faults,
        "repaired": repaired and bool(found.faults),
        "segments": found.segments,
        "cells": found.cells,
        "bytes": found.bytes,
        "values": found.values,
        "damage": [
            {
                "kind": fault.kind,
                "where": fault.where,
                "what": fault.what,
                "cells": sorted(cell.hex() for cell in fault.cells),
            }
            for fault in found.faults
        ],
        "lost": [_lost_json(value) for value in found.lost],
        "set_aside": aside,
    }


def _lost_json(value: "Value") -> dict[str, object]:
    from mlops_core.engine.digest import to_text

    return {
        "digest": to_text(value.digest),
        "type": value.type,
        "reason": value.fault,
        "results": [
            {"pipeline": result.pipeline, "step": result.name, "run": result.run_number}
            for result in value.results
        ],
    }
