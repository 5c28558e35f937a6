"""The process's standard streams: encodings that cannot fail, closed streams, readers that went away."""

import codecs
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

_ASCII = {"·": "-", "…": "~", "→": ">", "├": "|", "└": "`", "─": "-", "│": "|"}


def _replaced(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler: our own strokes become their ASCII likes, everything else a question mark."""
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end]
    return "".join(_ASCII.get(char, "?") for char in text), error.end


def _prepared(stream: "TextIO | None") -> "TextIO":
    if stream is None or stream.closed:  # started with the descriptor closed (>&-)
        return open(os.devnull, "w", encoding="utf-8")
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="mlops_ascii")
    return stream


def prepare() -> None:
    """Make stdout and stderr safe to write any text to."""
    codecs.register_error("mlops_ascii", _replaced)
    sys.stdout = _prepared(sys.stdout)
    sys.stderr = _prepared(sys.stderr)


def abandon(stream: "TextIO") -> None:
    """Point a stream whose reader went away at nothing, so that neither we nor user code fail on it again."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, descriptor)
    os.close(nothing)


def flush(stream: "TextIO") -> None:
    """Flush; a reader that went away is no error."""
    try:
        stream.flush()
    except BrokenPipeError:
        abandon(stream)


def is_terminal(stream: "TextIO") -> bool:
    """Whether the stream is a terminal (a closed stream is none)."""
    try:
        return stream.isatty()
    except ValueError:
        return False


def terminal_width(stream: "TextIO") -> int | None:
    """Columns of the terminal behind ``stream`` (``COLUMNS`` wins); None where there is no terminal."""
    if not is_terminal(stream):
        return None
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80
