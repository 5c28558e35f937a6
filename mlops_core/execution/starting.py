"""How worker processes are started for one workspace."""

from collections.abc import Callable

from mlops_core.errors import UnfingerprintableValue
from mlops_core.execution.task import StepTask
from mlops_core.execution.worker_process import Unavailable, WorkerProcess, address
from mlops_core.planning.code import step_code
from mlops_core.workspace.workspace import Workspace


def starter(workspace: Workspace) -> Callable[[StepTask], WorkerProcess]:
    """A function that starts a worker for a task.

    It raises ``Unavailable`` where a fresh process cannot find the step.
    """

    def start(task: StepTask) -> WorkerProcess:
        where = address(task.step)
        try:
            code = step_code(task.step.__wrapped__, (str(workspace.root),)).digest
        except UnfingerprintableValue:
            raise Unavailable(task.name) from None  # nothing says that the worker's code would be the same
        return WorkerProcess(task, where, workspace.root, workspace.state_dir, code)

    return start
