"""Options and arguments that several commands share."""

from collections.abc import Callable
from typing import TypeVar

import click

from mlops_core.cli.json_output import FLAG

# Its value is read off the raw command line (see json_output): an error in parsing must be JSON, too.
json_option = click.option(
    FLAG, is_flag=True, expose_value=False, help="Print one JSON document on stdout, all else on stderr."
)
target_argument = click.argument("target", metavar="TARGET")
parameters_option = click.option(
    "-p", "--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Set a pipeline parameter."
)
jobs_option = click.option(
    "-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Run up to N steps at the same time."
)


_Decorated = TypeVar("_Decorated", bound=Callable[..., object] | click.Command)
_SELECTING = (
    ("--force", "force", "Run this step even if it is up to date (repeatable)."),
    ("--only", "only", "Run this step alone; what it needs comes from the cache (repeatable)."),
    ("--from", "start", "Run this step and everything after it (repeatable)."),
    ("--until", "until", "Run this step and everything it needs, nothing after it (repeatable)."),
)


def selection_options(command: _Decorated) -> _Decorated:
    """``--force --only --from --until``: a base name means all calls and items of a step."""
    for flag, parameter, text in reversed(_SELECTING):
        command = click.option(flag, parameter, multiple=True, metavar="STEP", help=text)(command)
    return command


no_cache_option = click.option(
    "--no-cache", is_flag=True, help="Run every step; look nothing up, record nothing for reuse."
)
