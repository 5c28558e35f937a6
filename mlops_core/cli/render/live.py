"""The line at the bottom of a terminal that shows what is running, redrawn as time goes on."""

import os
import sys
import threading
from typing import TextIO, cast

from mlops_core.cli.console import Console
from mlops_core.cli.render.amounts import duration
from mlops_core.cli.render.width import clean, shorten
from mlops_core.clock import SYSTEM, Clock

_PERIOD = 0.1  # seconds: a tenth is the last digit shown
_ERASE = "\r\x1b[2K"


class LiveLine:
    """Shows the running steps with their elapsed time while it is entered.

    What is printed meanwhile (by us through ``above``, by user code through ``sys.stdout`` and
    ``sys.stderr``) goes above the line.
    """

    def __init__(self, console: Console, clock: Clock = SYSTEM) -> None:
        self._console = console
        self._clock = clock
        self._running: dict[str, float] = {}
        self._lock = threading.RLock()
        self._done = threading.Event()
        self._drawn = False
        self._at_line_start = True
        self._process = os.getpid()
        self._ticker = threading.Thread(target=self._tick, name="mlops-live-line", daemon=True)

    def __enter__(self) -> "LiveLine":
        self._streams = (sys.stdout, sys.stderr)
        sys.stdout = cast(TextIO, _Above(self, sys.stdout))
        sys.stderr = cast(TextIO, _Above(self, sys.stderr))
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._ticker.join()
        with self._lock:
            self._erase()
        sys.stdout, sys.stderr = self._streams

    def started(self, name: str) -> None:
        """A step began to run."""
        with self._lock:
            self._running[name] = self._clock.ticks()
            self._draw()

    def finished(self, name: str, line: str) -> None:
        """A step ended, and this is the line that stays."""
        with self._lock:
            self._running.pop(name, None)
            self.above(self._console, line + "\n")
            self._draw()

    def above(self, console: Console, text: str) -> None:
        """Write text where it stays."""
        with self._lock:
            self._erase()
            console.write(text)
            self._at_line_start = text.endswith("\n")

    def user_wrote(self, stream: TextIO, text: str) -> int:
        """Write what user code prints, above the line; the line comes back once a line is complete."""
        if os.getpid() != self._process:  # a forked child: the lock may be held by a thread it lacks
            return stream.write(text)
        with self._lock:
            self._erase()
            written = stream.write(text)
            stream.flush()
            self._at_line_start = text.endswith("\n") if text else self._at_line_start
            return written

    def text(self) -> str:
        """What the line says now: every running step and how long it has been running."""
        now = self._clock.ticks()
        style = self._console.style
        whole = " · ".join(f"{clean(name)} {duration(now - began)}" for name, began in self._running.items())
        word = "running"
        # One column is left free: a full last column makes some terminals wrap.
        room = (self._console.width or 80) - 1 - len(f"  {word}  ")
        return f"  {style.paint(word, word)}  {shorten(whole, room)}"

    def _draw(self) -> None:
        if self._running and self._at_line_start:
            self._console.write(_ERASE + self.text())
            self._drawn = True

    def _erase(self) -> None:
        if self._drawn:
            self._console.write(_ERASE)
            self._drawn = False

    def _tick(self) -> None:
        while not self._done.wait(_PERIOD):
            with self._lock:
                self._draw()


class _Above:
    """Stands in for a standard stream while the live line is shown."""

    def __init__(self, live: LiveLine, stream: TextIO) -> None:
        self._live = live
        self._stream = stream

    def write(self, text: str) -> int:
        return self._live.user_wrote(self._stream, text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
