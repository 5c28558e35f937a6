"""The table of commands: enough to print every ``--help`` list without loading any command."""

from typing import NamedTuple


class Line(NamedTuple):
    """One command: the module that has it (empty for a group), and its one-line summary."""

    module: str
    summary: str


_COMMANDS = "mlops_core.cli.commands."

TOP: dict[str, Line] = {
    "init": Line(_COMMANDS + "init", "Make a small working project."),
    "run": Line(_COMMANDS + "run", "Run a pipeline; what is up to date comes from the cache."),
    "plan": Line(_COMMANDS + "plan", "Say what would run, and why; run nothing."),
    "why": Line(_COMMANDS + "why", "Say in full depth why a step ran or did not."),
    "runs": Line("", "List and show past runs."),
    "lineage": Line(_COMMANDS + "lineage", "Show what something was made from, and what was made from it."),
    "store": Line("", "Look after the store of values."),
    "doctor": Line(_COMMANDS + "doctor", "Say what is installed, what is broken, and what to do about it."),
}

RUNS: dict[str, Line] = {
    "ls": Line(_COMMANDS + "runs_ls", "List runs, newest first."),
    "show": Line(_COMMANDS + "runs_show", "Show one run: steps, parameters, metrics, outputs."),
}

STORE: dict[str, Line] = {
    "status": Line(_COMMANDS + "store_status", "Say what the store holds and where it is."),
    "gc": Line(_COMMANDS + "store_gc", "Remove what the store need not keep."),
    "verify": Line(_COMMANDS + "store_verify", "Read everything, and name what is damaged."),
}

GROUPS: dict[str, dict[str, Line]] = {"runs": RUNS, "store": STORE}


def every_command() -> list[tuple[str, ...]]:
    """The words of each command, groups resolved, in the order of the help."""
    words: list[tuple[str, ...]] = []
    for name in TOP:
        words.extend((name, child) for child in GROUPS[name]) if name in GROUPS else words.append((name,))
    return words
