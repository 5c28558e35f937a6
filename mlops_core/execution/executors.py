"""Where a step executes: in this process, or in a worker process of its own."""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol

from mlops_core.execution.perform import Performer
from mlops_core.execution.task import Performed, StepTask
from mlops_core.execution.worker_process import Unavailable, WorkerProcess


class Executor(Protocol):
    """Takes tasks, hands back futures; ``free`` says whether one more may start."""

    def free(self) -> bool: ...
    def submit(self, task: StepTask) -> "Future[Performed]": ...
    def wait(self, futures: "set[Future[Performed]]") -> "set[Future[Performed]]": ...
    def close(self) -> None: ...


class InProcess:
    """Executes each step at once, in the calling thread."""

    def __init__(self, performer: Performer) -> None:
        self._performer = performer

    def free(self) -> bool:
        return True

    def submit(self, task: StepTask) -> "Future[Performed]":
        future: Future[Performed] = Future()
        future.set_result(self._performer.perform(task))
        return future

    def wait(self, futures: "set[Future[Performed]]") -> "set[Future[Performed]]":
        return futures

    def close(self) -> None:
        return None


class Workers:
    """A plain worker process for each step, at most ``jobs`` at once.

    A step that a fresh process cannot find under its name (made in a factory, a lambda, a notebook's)
    executes in this process.
    """

    def __init__(self, performer: Performer, jobs: int, start: Callable[[StepTask], WorkerProcess]) -> None:
        self._performer = performer
        self._jobs = jobs
        self._start = start
        self._threads = ThreadPoolExecutor(jobs, thread_name_prefix="mlops-worker")
        self._running: set[Future[Performed]] = set()
        self._processes: set[WorkerProcess] = set()

    def free(self) -> bool:
        self._running = {f for f in self._running if not f.done()}
        return len(self._running) < self._jobs

    def submit(self, task: StepTask) -> "Future[Performed]":
        try:
            process = self._start(task)
        except Unavailable:
            return InProcess(self._performer).submit(task)
        self._processes.add(process)
        future = self._threads.submit(self._await, process)
        self._running.add(future)
        return future

    def _await(self, process: WorkerProcess) -> Performed:
        try:
            return process.result()
        finally:
            self._processes.discard(process)

    def wait(self, futures: "set[Future[Performed]]") -> "set[Future[Performed]]":
        return wait(futures, return_when=FIRST_COMPLETED).done

    def close(self) -> None:
        """End what still runs and leave no process behind."""
        for process in list(self._processes):
            process.end()
        self._threads.shutdown(wait=True)
