"""``mlops store status``: what the store holds, and where."""

from pathlib import Path

import click

from mlops_core.cli.checks.disk import free_bytes
from mlops_core.cli.group import ExampleCommand
from mlops_core.cli.invocation import Invocation
from mlops_core.cli.opening import current_root, workspace_at
from mlops_core.cli.options import json_option
from mlops_core.cli.render.amounts import counted, size


@click.command(
    "status",
    cls=ExampleCommand,
    examples=("mlops store status", "mlops store status --json"),
    help="Say where the state is, how much the store holds, and how much room is left.",
)
@json_option
@click.pass_obj
def command(invocation: Invocation) -> int:
    with workspace_at(current_root(), readonly=True) as workspace:
        folder, status = Path(workspace.state_dir), workspace.store.status()
    document: dict[str, object] = {
        "schema": "mlops.store/1",
        "folder": str(folder),
        "store_bytes": status.bytes,
        "segments": status.segments,
        "cells": status.cells,
        "damaged_files": status.damaged,
        "database_bytes": database_bytes(folder),
        "free_bytes": free_bytes(folder),
    }
    segments = counted(status.segments, "segment")
    invocation.console.lines(
        [
            f"state     {folder}",
            f"store     {size(status.bytes)} in {segments}, {counted(status.cells, 'cell')}",
            f"database  {size(database_bytes(folder))}",
            f"free      {size(free_bytes(folder))} on this disk",
        ]
    )
    if status.damaged:
        invocation.console.line(
            f"damaged   {counted(status.damaged, 'file')} set aside; nothing reads them any more"
        )
    invocation.emit(document)
    return 0


def database_bytes(folder: Path) -> int:
    """Bytes of the metadata file and its companions (the write-ahead log)."""
    return sum(path.stat().st_size for path in folder.glob("mlops.db*"))
