"""The command ``mlops`` through click: from arguments to an exit status, whatever happens in between."""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import click

from mlops_core.cli import failures, streams
from mlops_core.cli.failures import Failure
from mlops_core.cli.group import top_group
from mlops_core.cli.invocation import Invocation

PROGRAM = "mlops"
_HELP_WIDTH, _LEAST_WIDTH = 78, 50  # columns


def main(given: list[str]) -> int:
    """Run one command and return its exit status."""
    streams.prepare()
    completed = _complete_in_shell()
    if completed is not None:
        return completed
    invocation = Invocation(given)
    with _sigterm_raises():
        return _guarded(invocation)


def _guarded(invocation: Invocation) -> int:
    """The command, with every failure told once."""
    try:
        status = _invoke(invocation)
        invocation.close()
    except click.exceptions.NoArgsIsHelpError as error:
        invocation.errors.line(error.format_message())
        return failures.WRONG_USE
    except click.ClickException as error:
        return invocation.fail(_usage(error))
    except click.exceptions.Exit as error:
        return error.exit_code
    except BrokenPipeError:  # the reader has what it wanted
        streams.abandon(sys.stdout)
        return 0
    except BaseException as error:
        return _told(invocation, error)
    return status


def _told(invocation: Invocation, error: BaseException) -> int:
    if isinstance(error, SystemExit | GeneratorExit):
        raise error
    failure = failures.describe(error)
    try:
        return invocation.fail(failure)
    except OSError:  # stderr or stdout cannot take it: the status still tells
        streams.abandon(sys.stdout)
        streams.abandon(sys.stderr)
        return failure.exit_status


def fail(arguments: Sequence[str], error: BaseException) -> int:
    """Tell a failure that was met before there was an invocation; its exit status."""
    return _told(Invocation(arguments), error)


def _invoke(invocation: Invocation) -> int:
    group = top_group()
    # Said here, so that click does not import shutil, with its compression libraries, to find out.
    width = max(min(invocation.console.width or _HELP_WIDTH, _HELP_WIDTH), _LEAST_WIDTH)
    arguments = list(invocation.arguments)
    with group.make_context(PROGRAM, arguments, obj=invocation, terminal_width=width) as context:
        status = group.invoke(context)
    return status if isinstance(status, int) else 0


def _usage(error: click.ClickException) -> Failure:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else PROGRAM
    return Failure(
        "usage", error.format_message(), f"'{path} --help' shows what is possible", error.exit_code
    )


def _complete_in_shell() -> int | None:
    """Answer the shell's request for completions, if that is what we were called for."""
    from os import environ

    instruction = environ.get("_MLOPS_COMPLETE")
    if not instruction:
        return None
    from click.shell_completion import shell_complete

    return shell_complete(top_group(), {}, PROGRAM, "_MLOPS_COMPLETE", instruction)


@contextmanager
def _sigterm_raises() -> Iterator[None]:
    """Within the block SIGTERM unwinds the stack like Ctrl-C does, instead of dropping everything."""

    def terminate(signum: int, frame: FrameType | None) -> None:
        raise failures.Terminated

    try:
        previous = signal.signal(signal.SIGTERM, terminate)
    except ValueError:  # not the main thread (an embedding program): its signals are its own
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
