"""Tracebacks cut down to what the user wrote."""

import os
import sysconfig
from pathlib import Path
from traceback import FrameSummary, StackSummary, TracebackException

_PACKAGE = Path(__file__).parents[2]
_OURS = (f"{_PACKAGE}{os.sep}", f"{_PACKAGE.resolve()}{os.sep}", "<frozen ")
_LIBRARIES = tuple(
    {sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)
_LIMIT = 20  # frames: more of them (a runaway recursion) say nothing new


def _is_ours(frame: FrameSummary) -> bool:
    return frame.filename.startswith(_OURS)


def _is_user(frame: FrameSummary) -> bool:
    if _is_ours(frame) or "site-packages" in frame.filename:
        return False
    return not frame.filename.startswith(_LIBRARIES)


def _cut(stack: StackSummary) -> tuple[StackSummary, int]:
    """The user's frames (the last ones), and how many library frames lie below the last of them.

    Without any frame of the user, everything but our own stays: it is all there is to go by.
    """
    user = [frame for frame in stack if _is_user(frame)]
    if not user:
        return StackSummary.from_list([frame for frame in stack if not _is_ours(frame)][-_LIMIT:]), 0
    below = len(stack) - 1 - max(index for index, frame in enumerate(stack) if _is_user(frame))
    return StackSummary.from_list(user[-_LIMIT:]), below


def user_traceback(error: BaseException) -> str:
    """The error as Python prints it, with only the user's frames, for it and for all its causes."""
    whole = TracebackException.from_exception(error, capture_locals=False, compact=True)
    hidden = 0
    part: TracebackException | None = whole
    while part is not None:
        part.stack, below = _cut(part.stack)
        hidden = hidden or below
        part = part.__cause__ or part.__context__
    text = "".join(whole.format()).rstrip("\n")
    if hidden:
        text += f"\n(library frames below your last line, not shown: {hidden})"
    return text


def full_traceback(error: BaseException) -> str:
    """The whole traceback, for errors that are ours."""
    return "".join(TracebackException.from_exception(error).format()).rstrip("\n")
