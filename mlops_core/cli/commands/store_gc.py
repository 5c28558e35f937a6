"""``mlops store gc``: remove what the store need not keep."""

from typing import TYPE_CHECKING

import click

from mlops_core.cli.group import ExampleCommand
from mlops_core.cli.invocation import Invocation
from mlops_core.cli.opening import current_root, workspace_at
from mlops_core.cli.options import json_option
from mlops_core.cli.render.amounts import counted, duration, size
from mlops_core.cli.render.table import Column, table
from mlops_core.errors import UsageError

if TYPE_CHECKING:
    from mlops_core.execution.upkeep.choice import Rules
    from mlops_core.execution.upkeep.cold import Packed
    from mlops_core.execution.upkeep.collect import Collected
    from mlops_core.execution.upkeep.survey import Value

_COLUMNS = (
    Column("pipeline"),
    Column("step"),
    Column("run", align=">"),
    Column("took", align=">"),
    Column("value", elastic=True),
    Column("why", elastic=True),
)
_MOST_LINES = 20
_UNUSED_FOR = 30 * 86_400.0


@click.command(
    "gc",
    cls=ExampleCommand,
    examples=(
        "mlops store gc --budget 20GiB --dry-run",
        "mlops store gc --older-than 90d --keep-last 3 --compress --unused-for 7d",
    ),
    help="""Remove from the store what it need not keep, and write half-empty files anew.

    Without options: what nothing refers to, and what [store] budget says. Never removed are values that
    running runs use and what the newest succeeded run of each pipeline returned. A step whose value was
    removed runs again when it is needed, and says why. With --compress, or where [store] compress_after says
    so, what no run has used for a while is packed; loading unpacks it.""",
)
@click.option("--dry-run", is_flag=True, help="Say what would go; change nothing.")
@click.option(
    "--budget",
    metavar="SIZE",
    help="Remove values until the store fits into SIZE; those that save the least time per byte go first.",
)
@click.option("--older-than", metavar="AGE", help="Remove values that no run has used for AGE (30d, 12h).")
@click.option(
    "--keep-last",
    type=click.IntRange(min=0),
    metavar="N",
    help="Keep the newest N values of every step, whatever else is said; alone: remove all others.",
)
@click.option("--compress", is_flag=True, help="Pack what no run has used for a while.")
@click.option(
    "--unused-for",
    metavar="AGE",
    help="How long that is, with --compress (default: [store] compress_after, else 30d).",
)
@json_option
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    dry_run: bool,
    budget: str | None,
    older_than: str | None,
    keep_last: int | None,
    compress: bool,
    unused_for: str | None,
) -> int:
    asked = _rules(budget, older_than, keep_last)
    age = _age(unused_for, compress)
    from mlops_core.execution.upkeep.cold import pack, would_pack
    from mlops_core.execution.upkeep.collect import collect, forecast, remove_copies

    with workspace_at(current_root(), readonly=dry_run) as workspace:
        rules = asked
        if asked == asked._replace(budget=None, older_than=None, keep_last=None):
            rules = asked._replace(budget=workspace.settings.store.budget)
        done = forecast(workspace, rules) if dry_run else collect(workspace, rules)
        if not dry_run:
            remove_copies(workspace)
        set_age = workspace.settings.store.compress_after
        packed = None
        if compress or set_age is not None:
            age = next(seconds for seconds in (age, set_age, _UNUSED_FOR) if seconds is not None)
            packed = would_pack(workspace, age) if dry_run else pack(workspace, age)
            done.after -= packed.before - packed.after if not dry_run else 0
    _show(invocation, done, rules, dry_run)
    if packed is not None:
        _show_packed(invocation, packed, dry_run)
    invocation.emit(as_json(done, rules, dry_run, packed))
    return 0


def _rules(budget: str | None, older_than: str | None, keep_last: int | None) -> "Rules":
    from mlops_core.config.units import parse_bytes, parse_duration
    from mlops_core.execution.upkeep.choice import Rules

    return Rules(
        None if budget is None else parse_bytes(budget),
        None if older_than is None else parse_duration(older_than),
        keep_last,
    )


def _age(unused_for: str | None, compress: bool) -> float | None:
    from mlops_core.config.units import parse_duration

    if unused_for is None:
        return None
    if not compress:
        raise UsageError("--unused-for says what --compress packs", hint="add --compress")
    return parse_duration(unused_for)


def _show_packed(invocation: Invocation, packed: "Packed", dry_run: bool) -> None:
    cells = counted(packed.cells, "cell")
    if dry_run:
        invocation.console.line(f"would pack {cells} of {size(packed.before)}")
    else:
        invocation.console.line(f"packed {cells} of {size(packed.before)} into {size(packed.after)}")


def _show(invocation: Invocation, done: "Collected", rules: "Rules", dry_run: bool) -> None:
    console = invocation.console
    if done.values:
        rows = [_cells(value, why) for value, why in done.values[:_MOST_LINES]]
        console.lines(table(_COLUMNS, rows, width=console.width, style=console.style))
    if len(done.values) > _MOST_LINES:
        console.line(f"and {len(done.values) - _MOST_LINES} more (--json lists all)")
    removed = counted(len(done.values), "value")
    if dry_run:
        console.line(f"would remove {removed} and free {size(done.freed)}; nothing was changed")
    else:
        console.line(f"removed {removed}, freed {size(done.freed)}; the store takes {size(done.after)}")
    if rules.budget is not None and done.after > rules.budget:
        console.line(
            f"that is more than the budget of {size(rules.budget)}: {size(done.protected)} are used by "
            "running runs or were returned by the newest succeeded ones"
        )


def _cells(value: "Value", why: str) -> tuple[str, ...]:
    pipeline, step = value.step
    run = str(value.results[-1].run_number) if value.results else ""
    return pipeline, step, run, duration(value.seconds), value.type, why


def as_json(
    done: "Collected", rules: "Rules", dry_run: bool, packed: "Packed | None" = None
) -> dict[str, object]:
    """The document of ``mlops store gc --json``."""
    return {
        "schema": "mlops.store.gc/1",
        "dry_run": dry_run,
        "budget": rules.budget,
        "before_bytes": done.before,
        "after_bytes": done.after,
        "freed_bytes": done.freed,
        "protected_bytes": done.protected,
        "compacted_segments": done.compacted,
        "packed": packed
        and {
            "cells": packed.cells,
            "before_bytes": packed.before,
            "after_bytes": None if dry_run else packed.after,
        },
        "removed": [_value_json(value, why) for value, why in done.values],
    }


def _value_json(value: "Value", why: str) -> dict[str, object]:
    from mlops_core.engine.digest import to_text

    pipeline, step = value.step
    return {
        "digest": to_text(value.digest),
        "type": value.type,
        "pipeline": pipeline or None,
        "step": step or None,
        "run": value.results[-1].run_number if value.results else None,
        "seconds": value.seconds,
        "reason": why,
    }
