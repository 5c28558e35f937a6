"""Threads started inside a running step belong to it: a step called in one of them is the plain function.

The mode is a context variable, which a new thread does not inherit by itself.
"""

import threading
from contextvars import copy_context
from typing import Any

from mlops_core.config import mode

_start: Any = threading.Thread.start


def start(thread: threading.Thread) -> None:
    """``Thread.start``: inside a running step, the new thread runs in the step's context."""
    if mode.is_running():
        context, run = copy_context(), thread.run
        thread.run = lambda: context.run(run)  # type: ignore[method-assign]
    _start(thread)


def inherit_mode() -> None:
    """Let threads inherit the mode, from now on."""
    if threading.Thread.start is not start:
        threading.Thread.start = start  # type: ignore[method-assign, assignment]
