"""Click classes of our own: groups that load a command when it is called, commands with examples."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from mlops_core.cli.catalogue import GROUPS, TOP, Line
from mlops_core.config.nearest import suggestion
from mlops_core.errors import UsageError


def _write_examples(formatter: click.HelpFormatter, examples: Sequence[str]) -> None:
    # Written as they stand: a wrapped command line cannot be copied.
    with formatter.section("Examples"):
        for example in examples:
            formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


class ExampleCommand(click.Command):
    """A command whose help ends with examples."""

    def __init__(self, *args: Any, examples: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_examples(formatter, self.examples)


class LazyGroup(click.Group):
    """A group known by its table; ``default`` is the command meant when none is named."""

    def __init__(
        self, name: str, table: dict[str, Line], *, examples: Sequence[str], default: str = "", **kwargs: Any
    ) -> None:
        super().__init__(name, subcommand_metavar="COMMAND [ARGS]...", **kwargs)
        self.table = table
        self.examples = tuple(examples)
        self.default = default

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        line = self.table.get(cmd_name)
        if line is None:
            return None
        if not line.module:
            return subgroup(cmd_name)
        command = import_module(line.module).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0]
        if word not in self.table and not word.startswith("-"):
            raise UsageError(
                f"{ctx.command_path} has no command {word!r}", hint=suggestion(word, self.table, "commands")
            )
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        meant = not args or (args[0].startswith("-") and args[0] not in ("--help", "-h"))
        if self.default and meant:
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line.summary) for name, line in self.table.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _write_examples(formatter, self.examples)


_EXAMPLES = {
    "runs": ("mlops runs ls failed", "mlops runs show latest"),
    "store": ("mlops store status", "mlops store gc --budget 20GiB --dry-run"),
}
_DEFAULTS = {"runs": "ls"}


def subgroup(name: str) -> LazyGroup:
    """The group called ``name`` of the top table."""
    return LazyGroup(
        name,
        GROUPS[name],
        help=TOP[name].summary,
        examples=_EXAMPLES[name],
        default=_DEFAULTS.get(name, ""),
    )


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        import mlops_core

        click.echo(f"mlops {mlops_core.__version__}")
        ctx.exit()


def top_group() -> LazyGroup:
    """The command ``mlops`` itself."""
    return LazyGroup(
        "mlops",
        TOP,
        help="The SQLite of MLOps: cached, explained pipelines from plain Python functions.",
        examples=("mlops init demo", "mlops run pipeline.py"),
        params=[
            click.Option(
                ["--version"],
                is_flag=True,
                expose_value=False,
                is_eager=True,
                callback=_print_version,
                help="Show the version and exit.",
            )
        ],
    )
