"""The table of commands, the help, the documentation and the contract say the same."""

from pathlib import Path

import click
import pytest

from mlops_core.cli.catalogue import GROUPS, TOP, every_command
from mlops_core.cli.group import ExampleCommand, LazyGroup, top_group

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"


def found(words: tuple[str, ...]) -> tuple[click.Command, click.Context]:
    command: click.Command = top_group()
    context = click.Context(command, info_name="mlops")
    for word in words:
        assert isinstance(command, LazyGroup)
        child = command.get_command(context, word)
        assert child is not None
        command, context = child, click.Context(child, info_name=word, parent=context)
    return command, context


def test_the_commands_are_those_of_this_release():
    assert every_command() == [
        ("init",),
        ("run",),
        ("plan",),
        ("why",),
        ("runs", "ls"),
        ("runs", "show"),
        ("lineage",),
        ("store", "status"),
        ("store", "gc"),
        ("store", "verify"),
        ("doctor",),
    ]


def listed(help_text: str) -> list[str]:
    """The names under ``Commands:``."""
    block = help_text.split("\nCommands:\n")[1].split("\n\n", maxsplit=1)[0]
    return [line.split()[0] for line in block.splitlines() if line.startswith("  ") and line[2] != " "]


def test_help_lists_the_table(cli):
    assert listed(cli("--help").out) == list(TOP)


@pytest.mark.parametrize("group", GROUPS)
def test_group_help_lists_its_table(cli, group):
    assert listed(cli(group, "--help").out) == list(GROUPS[group])


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_has_help_examples_and_json(words):
    command, context = found(words)
    assert isinstance(command, ExampleCommand)
    assert len(command.examples) == 2
    text = command.get_help(context)
    assert command.help
    assert "--json" in text
    end = "".join(f"  {example}\n" for example in command.examples)
    assert text.endswith("Examples:\n" + end.rstrip("\n"))
    assert all(example.startswith("mlops ") for example in command.examples)
    assert any(" ".join(("mlops", *words)) in example for example in command.examples)


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_and_option_is_documented(words):
    if not DOCS.exists():
        pytest.skip("the documentation is not installed")
    text = DOCS.read_text(encoding="utf-8")
    heading = f"\n## mlops {' '.join(words)}\n"
    assert heading in text
    section = text.split(heading)[1].split("\n## ")[0]
    command, _ = found(words)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.name != "help":
            longest = max(parameter.opts, key=len)
            assert longest in section


def test_groups_and_the_top_end_with_examples(cli):
    for words in ((), *((group,) for group in GROUPS)):
        lines = cli(*words, "--help").out.rstrip("\n").splitlines()
        assert lines[-3] == "Examples:"
        assert all(line.startswith("  mlops ") for line in lines[-2:])


def test_an_unknown_command_names_near_ones(cli):
    ended = cli("rnu")
    assert (ended.status, ended.out) == (2, "")
    assert "error usage: mlops has no command 'rnu'" in ended.err
    assert "Did you mean 'run'?" in ended.err


def test_commands_of_later_capabilities_are_unknown(cli):
    for word in ("serve", "tune", "deploy", "ui", "sql", "models", "data"):
        assert cli(word).status == 2


def test_a_group_alone_shows_its_help(cli):
    ended = cli("store")
    assert ended.status == 2
    assert "status" in ended.err


def test_runs_alone_is_runs_ls(cli, folder):
    assert cli("runs", "--json").document == cli("runs", "ls", "--json").document


def test_version(cli):
    assert cli("--version").out.startswith("mlops")
