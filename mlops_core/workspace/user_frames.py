"""A traceback as the user's own code sees it: without the frames of this product and of the import system."""

import os
from traceback import StackSummary, TracebackException, walk_tb
from types import FrameType

_PRODUCT = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_HIDDEN_MODULES = frozenset({"importlib", "_frozen_importlib", "_frozen_importlib_external", "mlops_core"})


# The modules of this product that call the user's code: below them in a traceback frames may be the user's.
_CALLERS = frozenset({
    "mlops_core.pipelines.building", "mlops_core.workspace.modules", "mlops_core.execution.perform",
})  # fmt: skip


def user_lines(error: BaseException) -> str:
    """Where in the user's code an error of this product arose, as Python prints frames; '' where in none."""
    frames = list(walk_tb(error.__traceback__))
    entered = [n for n, (frame, _) in enumerate(frames) if frame.f_globals.get("__name__") in _CALLERS]
    if not entered:
        return ""
    own = [(frame, line) for frame, line in frames[entered[0] :] if is_user_frame(frame)]
    return "".join(StackSummary.extract(iter(own)).format())


def user_traceback(exception: BaseException) -> str:
    """The traceback text of ``exception`` and its causes, the user's frames only.

    Notes, groups and the source lines stay as Python prints them.
    """
    rendered = TracebackException.from_exception(exception)
    _trim(rendered, exception)
    return "".join(rendered.format())


def is_user_frame(frame: FrameType) -> bool:
    """Whether a frame is neither this product's (compiled parts included) nor the import system's."""
    module = str(frame.f_globals.get("__name__", "")).partition(".")[0]
    file = frame.f_code.co_filename
    return not (module in _HIDDEN_MODULES or file.startswith(("<frozen importlib", _PRODUCT)))


def _trim(rendered: TracebackException, exception: BaseException) -> None:
    waiting: list[tuple[TracebackException | None, BaseException | None]] = [(rendered, exception)]
    while waiting:
        text, error = waiting.pop()
        if text is None or error is None:
            continue
        frames = [frame for frame, _ in walk_tb(error.__traceback__)]
        text.stack[:] = [
            line for line, frame in zip(text.stack, frames, strict=False) if is_user_frame(frame)
        ]
        waiting += [(text.__cause__, error.__cause__), (text.__context__, error.__context__)]
        if isinstance(error, BaseExceptionGroup):
            waiting += zip(text.exceptions or (), error.exceptions, strict=False)
