"""Executing steps in worker processes, one for each."""

from collections.abc import Callable, Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from mlops_core.execution.executors import InProcess, Pending
from mlops_core.execution.perform import Performer
from mlops_core.execution.task import Along, Performed, StepTask
from mlops_core.execution.worker_process import Unavailable, WorkerProcess


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

    def submit(self, task: StepTask, along: Along) -> Pending:
        try:
            process = self._start(task)
        except Unavailable:
            return InProcess(self._performer).submit(task, along)
        self._processes.add(process)
        future = self._threads.submit(self._await, process)
        self._running.add(future)
        return future

    def _await(self, process: WorkerProcess) -> Performed:
        try:
            return process.result()
        finally:
            self._processes.discard(process)

    def wait(self, pending: Collection[Pending]) -> Collection[Pending]:
        done = [one for one in pending if one.done()]
        if done:
            return done
        futures = [one for one in pending if isinstance(one, Future)]  # what executed here is done
        return wait(futures, return_when=FIRST_COMPLETED).done

    def close(self) -> None:
        """End what still runs and leave no process behind."""
        for process in list(self._processes):
            process.end()
        self._threads.shutdown(wait=True)
