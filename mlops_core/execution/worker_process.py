"""Start a worker process for one step and read its answer.

The request goes to the worker's standard input and the answer comes back on a pipe of its own, both as
pickles between two processes of one user and one program. What the step prints stays on the terminal.
"""

import dataclasses
import os
import pickle
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlops_core
from mlops_core.errors import WorkerDied
from mlops_core.execution.task import Performed, StepTask
from mlops_core.pipelines.step import Step
from mlops_core.workspace.modules import canonical_name, module_file


class Unavailable(Exception):  # noqa: N818 - control flow: the step executes in this process instead
    """The step cannot be found by a fresh process."""


@dataclass(frozen=True, slots=True)
class StepAddress:
    """Where a fresh process finds the step: canonical module name, the module's file, qualified name."""

    module: str
    file: str
    qualname: str


def address(step: Step[..., Any]) -> StepAddress:
    """The step's address. Raises ``Unavailable`` where its module does not lead back to this very object."""
    function = step.__wrapped__
    module = sys.modules.get(function.__module__)
    file = module_file(module) if module is not None else None
    if module is None or file is None or "<" in function.__qualname__:
        raise Unavailable(function.__qualname__)
    found = module
    for part in function.__qualname__.split("."):
        found = getattr(found, part, None)  # type: ignore[assignment]
    if getattr(found, "__wrapped__", None) is not function:
        raise Unavailable(function.__qualname__)
    return StepAddress(canonical_name(module), str(file), function.__qualname__)


class WorkerProcess:
    """One worker: started when made, ``result`` waits for its answer."""

    def __init__(
        self, task: StepTask, where: StepAddress, root: Path, state_dir: Path, code_digest: bytes
    ) -> None:
        reading, writing = os.pipe()
        self._name = task.name
        self._answer = os.fdopen(reading, "rb")
        environment = {**os.environ, "MLOPS_WORKER_ANSWER": str(writing)}
        self._process = subprocess.Popen(
            _command(), stdin=subprocess.PIPE, pass_fds=(writing,), env=environment
        )
        os.close(writing)
        self._send(pickle.dumps((where, root, state_dir, code_digest, _portable(task)), protocol=5))

    def _send(self, request: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(request)
            self._process.stdin.flush()  # it stays open: its end tells the worker that this process is gone
        except BrokenPipeError:
            return  # it died at once: result() says how

    def result(self) -> Performed:
        """The worker's answer; a worker that died without one is the step's error, never the run's end."""
        with self._answer:
            answer = self._answer.read()
        assert self._process.stdin is not None
        self._process.stdin.close()
        status = self._process.wait()
        if not answer:
            return Performed(error=_died(self._name, status))
        performed: Performed = pickle.loads(answer)
        return performed

    def end(self) -> None:
        """Stop the worker now."""
        self._process.terminate()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _portable(task: StepTask) -> bytes:
    """The task without its step, which the worker finds by its address; unpickled once modules are there."""
    return pickle.dumps(dataclasses.replace(task, step=None), protocol=5)  # type: ignore[arg-type]


def _command() -> list[str]:
    """A Python that imports the package that this process runs.

    Not ``-m``: it looks in the current folder first, where another copy may lie (a clone of the source).
    """
    place = str(Path(mlops_core.__path__[0]).parent)
    start = f"import sys; sys.path.insert(0, {place!r}); from mlops_core.execution.worker import main"
    return [sys.executable, *_flags(), "-P", "-c", f"{start}; sys.path.remove({place!r}); main()"]


def _flags() -> list[str]:
    """The interpreter flags that change what code does."""
    return ["-O"] * sys.flags.optimize


def _died(name: str, status: int) -> WorkerDied:
    how = f"by {signal.Signals(-status).name}" if status < 0 else f"with exit status {status}"
    return WorkerDied(
        f"the worker process of step {name!r} ended {how} before the step returned",
        hint="a crash in compiled code, os._exit, or the system ran out of memory (see the kernel's log)",
        step=name,
        status=status,
    )
