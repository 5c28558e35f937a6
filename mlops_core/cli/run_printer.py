"""Prints a run while it happens: the listener that the command line gives to execution."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Protocol

from mlops_core.cli.console import Console
from mlops_core.cli.render.live import LiveLine
from mlops_core.cli.render.results import result_lines
from mlops_core.cli.render.run_lines import Finished, name_width, pairs_line, step_line, summary_line


class PrintedRun(Protocol):
    """What is printed of a run."""

    @property
    def number(self) -> int | None: ...
    @property
    def pipeline(self) -> str: ...
    @property
    def steps(self) -> Sequence[Finished]: ...
    @property
    def params(self) -> Mapping[str, object]: ...
    @property
    def metrics(self) -> Mapping[str, float]: ...
    @property
    def outputs_json(self) -> Mapping[str, object]: ...
    @property
    def seconds(self) -> float | None: ...


class RunPrinter:
    """A listener that prints one line a step; on a terminal the running ones show their time.

    ``origins`` says where a parameter's value came from (``-p``, ``mlops.toml``); others are defaults.
    Use it as a context manager around the run: leaving it takes the live line away.
    """

    def __init__(self, console: Console, origins: Mapping[str, str]) -> None:
        self.run: PrintedRun | None = None
        self._console = console
        self._origins = origins
        self._names = name_width(())
        self._stack = ExitStack()
        self._live: LiveLine | None = None

    def __enter__(self) -> "RunPrinter":
        return self

    def __exit__(self, *_: object) -> None:
        self._live = None
        self._stack.close()

    def run_started(self, run: PrintedRun) -> None:
        """The first lines: pipeline, number, parameters."""
        self.run = run
        self._names = name_width([step.name for step in run.steps])
        style = self._console.style
        number = f" · run {run.number}" if run.number is not None else ""
        self._console.line(style.paint(run.pipeline, "bold") + number)
        if run.params:
            self._console.line("  " + style.paint(self._params(run.params), "dim"))
        if self._console.live:
            self._live = self._stack.enter_context(LiveLine(self._console))

    def step_started(self, step: Finished) -> None:
        """On a terminal the step joins the live line; elsewhere its line comes when it is done."""
        if self._live is not None:
            self._live.started(step.name)

    def step_finished(self, step: Finished) -> None:
        """The line that stays."""
        self._names = max(self._names, name_width([step.name]))
        line = step_line(step, self._names, self._console.width, self._console.style)
        if self._live is not None:
            self._live.finished(step.name, line)
        else:
            self._console.line(line)

    def run_finished(self, run: PrintedRun) -> None:
        """What the run gave, and the summary."""
        self.__exit__()
        self._console.lines(result_lines(run, self._console.width))
        self._console.line(summary_line(run.steps, run.seconds))

    def _params(self, params: Mapping[str, object]) -> str:
        shown = {
            name: f"{_short(value)} ({self._origins.get(name, 'default')})" for name, value in params.items()
        }
        return pairs_line(shown, joint="=")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"
