"""The worker process: execute one step, answer how it went."""

import os
import pickle
import signal
import threading
from functools import reduce
from pathlib import Path
from typing import Any, BinaryIO

from mlops_core.errors import WorkerDied
from mlops_core.execution.perform import Performer
from mlops_core.execution.task import Performed, StepTask
from mlops_core.execution.worker_process import StepAddress
from mlops_core.pipelines.step import Step
from mlops_core.planning.code import step_code
from mlops_core.tracing.places import Places
from mlops_core.workspace.modules import import_file, use_root
from mlops_core.workspace.user_frames import user_traceback
from mlops_core.workspace.workspace import open_workspace


def main() -> None:
    """Read the request, execute, answer on the pipe named by MLOPS_WORKER_ANSWER."""
    answer = int(os.environ.pop("MLOPS_WORKER_ANSWER"))
    os.set_inheritable(answer, False)
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches the whole group: the parent ends its workers
    where, root, state_dir, code_digest, load_task = _request()
    os.environ["MLOPS_STATE_DIR"] = str(state_dir)
    performed = _perform(where, root, code_digest, load_task)
    with os.fdopen(answer, "wb") as pipe:
        pipe.write(_pickled(performed))


def _request() -> Any:
    """The request from standard input, which then stays open: when it closes, the parent is gone."""
    requests = os.fdopen(os.dup(0), "rb")
    request = pickle.load(requests)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    threading.Thread(target=_leave_with_parent, args=(requests,), daemon=True).start()
    return request


def _leave_with_parent(requests: BinaryIO) -> None:
    """No orphan: a worker whose parent was killed ends at once."""
    requests.read(1)
    os._exit(1)


def _perform(where: StepAddress, root: Path, code_digest: bytes, task_bytes: bytes) -> Performed:
    use_root(root, Path(where.file).parent)
    module = import_file(Path(where.file), root)
    step: Step[..., Any] = reduce(getattr, where.qualname.split("."), module)  # type: ignore[arg-type]
    if step_code(step.__wrapped__, (str(root),)).digest != code_digest:
        return Performed(
            error=WorkerDied(
                f"the code of {where.qualname!r} on disk is not the code that the run was planned with",
                hint="it was edited while the run went on: run again",
            )
        )
    task: StepTask = pickle.loads(task_bytes)
    task.step = step
    workspace = open_workspace(root)
    try:
        return Performer(workspace, Places(str(root), str(workspace.state_dir))).perform(task)
    finally:
        workspace.close()


def _pickled(performed: Performed) -> bytes:
    """The answer. Tracebacks do not pickle: their text goes along as a note of the exception.

    An exception that cannot be pickled is sent as a ``RuntimeError`` with its text.
    """
    error = performed.error
    if error is None:
        return pickle.dumps(performed, protocol=5)
    error.add_note("in a worker process:\n" + user_traceback(error).rstrip())
    try:
        data = pickle.dumps(performed, protocol=5)
        pickle.loads(data)
    except Exception:
        performed.error = RuntimeError(f"{type(error).__name__}: {error}")
        performed.error.add_note(error.__notes__[-1])
        data = pickle.dumps(performed, protocol=5)
    return data
