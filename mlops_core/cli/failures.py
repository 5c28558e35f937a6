"""Every way a command can fail, as one thing to print: code, message, hint, exit status."""

import errno
from typing import NamedTuple

from mlops_core.errors import ConfigError, DamagedState, DiskFull, MlopsError, StateNotWritable

WORK_FAILED, WRONG_USE, LACKING = 1, 2, 4
INTERRUPTED, TERMINATED = 130, 143

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: The message says it all: the system call or the parser behind it helps nobody.
_SAID = (DiskFull, StateNotWritable, DamagedState, ConfigError)


class Terminated(KeyboardInterrupt):
    """SIGTERM arrived. Whoever cleans up after Ctrl-C cleans up after this as well."""


class Failure(NamedTuple):
    """What is said about an error; ``traceback`` is the part of it that helps the reader, often empty."""

    code: str
    message: str
    hint: str = ""
    exit_status: int = WORK_FAILED
    traceback: str = ""

    def as_json(self) -> dict[str, object]:
        """The ``error`` object of ``--json``."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


def describe(error: BaseException) -> Failure:
    """The failure that stands for an exception."""
    if isinstance(error, MlopsError):
        return Failure(error.code, error.message, error.hint, error.exit_status, _users_part(error))
    if isinstance(error, KeyboardInterrupt):
        return _stopped(error)
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return _disk_full(error)
    if isinstance(error, RecursionError | MemoryError):
        return Failure("memory", f"{type(error).__name__}: {error}", "", LACKING, _whole(error))
    return Failure(
        "internal",
        f"{type(error).__name__}: {error}",
        "this is a fault of mlops, not of your code; 'mlops doctor' shows whether the installation is whole",
        WORK_FAILED,
        _whole(error),
    )


def _stopped(error: KeyboardInterrupt) -> Failure:
    hint = "finished steps are kept: the same command goes on from there"
    if isinstance(error, Terminated):
        return Failure("terminated", "stopped by SIGTERM", hint, TERMINATED)
    return Failure("interrupted", "stopped by Ctrl-C", hint, INTERRUPTED)


def _disk_full(error: OSError) -> Failure:
    where = f" while writing {error.filename}" if error.filename else ""
    return Failure(
        "disk_full",
        f"no space left{where}",
        "make room and run the command again; 'mlops store status' shows what the store holds",
        LACKING,
    )


def _users_part(error: MlopsError) -> str:
    """The traceback of the user's exception behind an error of ours, else the user's lines that led to it."""
    if isinstance(error, _SAID):
        return ""
    cause = error.__cause__
    if cause is not None and not isinstance(cause, MlopsError):
        return users_traceback(cause)
    from mlops_core.workspace.user_frames import user_lines

    lines = user_lines(cause or error)
    return f"Traceback (most recent call last):\n{lines}".rstrip("\n") if lines else ""


def users_traceback(error: BaseException) -> str:
    """The user's part of a traceback; all of it where none is the user's: then the fault is ours.

    An exception from a worker process has no frames here; it brings its text as ``mlops_traceback``.
    """
    brought = getattr(error, "mlops_traceback", "")
    if brought:
        return str(brought).rstrip("\n")
    from traceback import walk_tb

    from mlops_core.workspace.user_frames import is_user_frame, user_traceback

    frames = [frame for frame, _ in walk_tb(error.__traceback__)]
    if frames and not any(map(is_user_frame, frames)) and not isinstance(error, SyntaxError):
        return _whole(error)
    return user_traceback(error).rstrip("\n")


def _whole(error: BaseException) -> str:
    from traceback import format_exception

    return "".join(format_exception(error)).rstrip("\n")
