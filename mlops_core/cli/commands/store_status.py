"""``mlops store status``: what the store holds, and where."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlops_core.cli.group import ExampleCommand
from mlops_core.cli.invocation import Invocation
from mlops_core.cli.opening import current_root, workspace_at
from mlops_core.cli.options import json_option
from mlops_core.cli.render.amounts import counted, size
from mlops_core.cli.render.table import Column, table
from mlops_core.files.space import free_bytes

if TYPE_CHECKING:
    from mlops_core.execution.upkeep.usage import StepUsage, Usage

_COLUMNS = (
    Column("pipeline", elastic=True),
    Column("step", elastic=True),
    Column("values", align=">"),
    Column("unique", align=">"),
    Column("shared", align=">"),
    Column("gc frees", align=">"),
)


@click.command(
    "status",
    cls=ExampleCommand,
    examples=("mlops store status", "mlops store status --json"),
    help="""Say where the state is, how much the store holds and for which steps, and how much room is left.

    Unique bytes are needed by the values of one step alone, shared ones by those of several. What
    'mlops store gc' would free depends on [store] budget.""",
)
@json_option
@click.pass_obj
def command(invocation: Invocation) -> int:
    from mlops_core.execution.upkeep.usage import usage

    with workspace_at(current_root(), readonly=True) as workspace:
        folder, status = Path(workspace.state_dir), workspace.store.status()
        used, budget = usage(workspace), workspace.settings.store.budget
    document: dict[str, object] = {
        "schema": "mlops.store/1",
        "folder": str(folder),
        "store_bytes": status.bytes,
        "segments": status.segments,
        "cells": status.cells,
        "packed_bytes": status.packed,
        "unpacked_bytes": status.unpacked,
        "damaged_files": status.damaged,
        "database_bytes": database_bytes(folder),
        "free_bytes": free_bytes(folder),
        "budget_bytes": budget,
        "gc_frees_bytes": used.gc_frees,
        "steps": [step_json(step) for step in used.steps],
    }
    segments = counted(status.segments, "segment")
    invocation.console.lines(
        [
            f"state     {folder}",
            f"store     {size(status.bytes)} in {segments}, {counted(status.cells, 'cell')}",
            f"database  {size(database_bytes(folder))}",
            f"free      {size(free_bytes(folder))} on this disk",
            f"budget    {size(budget) if budget is not None else 'none'}; gc frees {size(used.gc_frees)}",
        ]
    )
    if status.packed:
        invocation.console.line(f"packed    {size(status.unpacked)} in {size(status.packed)}")
    _show_steps(invocation, used)
    if status.damaged:
        invocation.console.line(
            f"damaged   {counted(status.damaged, 'file')} set aside; nothing reads them any more"
        )
    invocation.emit(document)
    return 0


def _show_steps(invocation: Invocation, used: "Usage") -> None:
    console = invocation.console
    if used.steps:
        rows = [_cells(step) for step in used.steps]
        console.lines(["", *table(_COLUMNS, rows, width=console.width, style=console.style)])


def _cells(step: "StepUsage") -> tuple[str, ...]:
    amounts = (size(amount) for amount in (step.unique, step.shared, step.gc_frees))
    return step.pipeline, step.step or "(no record)", f"{step.values:,}", *amounts


def step_json(step: "StepUsage") -> dict[str, object]:
    """One step of the document."""
    return {
        "pipeline": step.pipeline or None,
        "step": step.step or None,
        "values": step.values,
        "unique_bytes": step.unique,
        "shared_bytes": step.shared,
        "gc_frees_bytes": step.gc_frees,
    }


def database_bytes(folder: Path) -> int:
    """Bytes of the metadata file and its companions (the write-ahead log)."""
    return sum(path.stat().st_size for path in folder.glob("mlops.db*"))
