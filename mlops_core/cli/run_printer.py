"""Prints a run while it happens: the listener that the command line gives to execution."""

from collections.abc import Mapping
from contextlib import ExitStack

from mlops_core.cli.console import Console
from mlops_core.cli.render.live import LiveLine
from mlops_core.cli.render.results import result_lines
from mlops_core.cli.render.run_lines import head_line, name_width, params_line, step_line, summary_line
from mlops_core.execution.listener import Listener
from mlops_core.execution.run import Run, StepRun


class RunPrinter(Listener):
    """A listener that prints one line a step; on a terminal the running ones show their time.

    ``origins`` says where each parameter's value came from (``-p``, ``mlops.toml``, ``default``).
    Use it as a context manager around the run: leaving it takes the live line away.
    """

    def __init__(self, console: Console, origins: Mapping[str, str]) -> None:
        self.run: Run | None = None
        self._console = console
        self._origins = origins
        self.names_at_start: list[str] = []
        self._names = name_width(())
        self._stack = ExitStack()
        self._live: LiveLine | None = None

    def __enter__(self) -> "RunPrinter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the live line away; closing twice does nothing more."""
        self._live = None
        self._stack.close()

    def run_started(self, run: Run) -> None:
        """The first lines: pipeline, number, parameters."""
        self.run = run
        self.names_at_start = [step.name for step in run.steps]
        self._names = name_width(self.names_at_start)
        self._console.line(head_line(run.pipeline, run.number, self._console.style))
        if run.params:
            self._console.line(params_line(run.params, self._origins, self._console.style))
        if self._console.live:
            self._live = self._stack.enter_context(LiveLine(self._console))

    def step_started(self, step: StepRun) -> None:
        """On a terminal the step joins the live line; elsewhere its line comes when it is done."""
        if self._live is not None:
            self._live.started(step.name)

    def step_finished(self, step: StepRun) -> None:
        """The line that stays."""
        self._names = max(self._names, name_width([step.name]))
        line = step_line(step, self._names, self._console.width, self._console.style)
        if self._live is not None:
            self._live.finished(step.name, line)
        else:
            self._console.line(line)

    def run_finished(self, run: Run) -> None:
        """What the run gave, and the summary."""
        self.close()
        self._console.lines(result_lines(run, self._console.width))
        self._console.line(summary_line(run.steps, run.seconds))
