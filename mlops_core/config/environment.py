"""The product's own settings among the environment variables, read in this one place.

``MLOPS_CACHE`` alone is read by ``config.mode``, which must stay free of imports.
"""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Stream(Protocol):
        """What is asked of an output stream."""

        def isatty(self) -> bool: ...


STATE_DIR = "MLOPS_STATE_DIR"


def state_dir() -> str | None:
    """Where the state is kept instead of ``.mlops`` at the root; None where nothing is set."""
    return os.environ.get(STATE_DIR) or None


def is_terminal(stream: "Stream") -> bool:
    """Whether lines on ``stream`` can be redrawn: a terminal that is not ``TERM=dumb``."""
    try:
        return stream.isatty() and os.environ.get("TERM") != "dumb"
    except ValueError:  # a closed stream
        return False
