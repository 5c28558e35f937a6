"""Where people read: lines to one stream, painted and cut as that stream wants it."""

import os

from mlops_core.cli import streams
from mlops_core.cli.render.style import Style, wants_colour

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


class Console:
    """Writes lines for people to ``out``.

    ``style`` paints, ``width`` is the terminal's (None in a pipe, where nothing is cut), ``live`` says
    whether a line may be redrawn. A reader that went away silences the console; nothing else stops.
    """

    def __init__(self, out: "TextIO") -> None:
        self.out = out
        terminal = streams.is_terminal(out)
        self.style = Style(wants_colour(terminal, os.environ))
        self.live = terminal and os.environ.get("TERM") != "dumb"

    @property
    def width(self) -> int | None:
        """Columns to fill; asked for each line, for a window may be resized."""
        return streams.terminal_width(self.out)

    def write(self, text: str) -> None:
        """Write and flush at once: in a pipe, too, a line appears when it happens."""
        try:
            self.out.write(text)
            self.out.flush()
        except BrokenPipeError:
            streams.abandon(self.out)

    def line(self, text: str = "") -> None:
        """Write one line."""
        self.write(text + "\n")

    def lines(self, texts: list[str]) -> None:
        """Write several lines at once."""
        self.write("".join(text + "\n" for text in texts))
