"""The mode in which a step is called decides what the call does.

``PLAIN`` is everything outside the others: a call is a cached call. ``BUILDING`` is a pipeline body: a
call is deferred. ``RUNNING`` is inside a running step and ``OFF`` is ``MLOPS_CACHE=off``: a call is the
plain function.
"""

import os
from contextvars import ContextVar, Token

PLAIN, BUILDING, RUNNING, OFF = "plain", "building", "running", "off"

_VARIABLE, _SAYS_OFF = os.fsencode("MLOPS_CACHE"), os.fsencode(OFF)

_mode: ContextVar[str] = ContextVar("mlops_mode", default=PLAIN)


def current() -> str:
    """The mode of the calling context."""
    mode = _mode.get()
    if mode == PLAIN and cache_is_off():
        return OFF
    return mode


def is_running() -> bool:
    """Whether the calling context is inside a running step."""
    return _mode.get() == RUNNING


def cache_is_off() -> bool:
    """Whether ``MLOPS_CACHE=off``: runs execute every step, too, and record nothing for reuse."""
    # The mapping below os.environ: each call of a step asks, and decoding costs more than the rest of it.
    is_off: bool = os.environ._data.get(_VARIABLE) == _SAYS_OFF  # type: ignore[attr-defined]
    return is_off


class entered:  # noqa: N801 - reads as a statement: with entered(RUNNING)
    """Context manager: run the block in a mode."""

    __slots__ = ("_mode", "_token")

    def __init__(self, mode: str) -> None:
        self._mode = mode

    def __enter__(self) -> None:
        self._token: Token[str] = _mode.set(self._mode)

    def __exit__(self, *_: object) -> None:
        _mode.reset(self._token)
