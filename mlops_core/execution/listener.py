"""Who watches a run: the command line shows it, a test counts it, a program ignores it."""

from mlops_core.execution.run import Run, StepRun


class Listener:
    """Called as a run goes on, in the process that carries it out. Does nothing by itself."""

    def run_started(self, run: Run) -> None:
        """The run has its number; no step has been looked at."""

    def step_started(self, step: StepRun) -> None:
        """The step begins to execute."""

    def step_finished(self, step: StepRun) -> None:
        """The step has its final status and reason."""

    def run_finished(self, run: Run) -> None:
        """The run has its final status, and is recorded."""
