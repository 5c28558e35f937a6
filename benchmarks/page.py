"""What the command writes into docs/benchmarks.md: the goals, the table, and on what they were measured."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import verdict
from benchmarks.goals import with_groups
from benchmarks.results import Group
from benchmarks.table import render

BEGIN = "<!-- measured: begin -->"
END = "<!-- measured: end -->"


def write_into(page: Path, machine: dict[str, Any], groups: Sequence[Group]) -> None:
    """Put the results between the two marks of a page. Raises ValueError where it has none."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no lines {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{_results(machine, groups)}\n{END}{after}", encoding="utf-8")


def goals_as_markdown(groups: Sequence[Group]) -> str:
    """One row per goal."""
    rows = ["| work | goal | measured | |", "|---|---|---|---|"]
    for goal, group in with_groups(groups):
        cells = (goal.work, verdict.wanted(goal), verdict.value(goal, group), verdict.said(goal, group))
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def machine_as_text(machine: dict[str, Any]) -> str:
    """One paragraph about the machine and the versions."""
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items() if number)
    return (
        f"Measured on {machine['cores']} cores ({machine['processor']}),"
        f" {machine['memory_gib']} GiB of memory, {machine['system']},"
        f" Python {machine['python']}; {versions}."
    )


def _results(machine: dict[str, Any], groups: Sequence[Group]) -> str:
    return "\n".join(
        [
            machine_as_text(machine),
            "",
            goals_as_markdown(groups),
            "",
            "### All contenders",
            "",
            "```text",
            render(groups).rstrip(),
            "```",
            "",
        ]
    )
