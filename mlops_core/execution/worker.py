"""The worker process: execute one step and answer with how it went (``python -m mlops_core.execution.worker``)."""

import os
import pickle
import sys
import traceback
from functools import reduce
from pathlib import Path
from typing import Any

from mlops_core.errors import WorkerDied
from mlops_core.execution.perform import Performer
from mlops_core.execution.task import Performed, StepTask
from mlops_core.execution.worker_process import StepAddress
from mlops_core.pipelines.step import Step
from mlops_core.planning.code import step_code
from mlops_core.tracing.places import Places
from mlops_core.workspace.modules import import_file, use_root
from mlops_core.workspace.workspace import open_workspace


def main() -> None:
    """Read the request, execute, answer on the pipe named by MLOPS_WORKER_ANSWER."""
    answer = int(os.environ.pop("MLOPS_WORKER_ANSWER"))
    os.set_inheritable(answer, False)
    where, root, state_dir, code_digest, load_task = _request(sys.stdin.buffer.read())
    os.environ["MLOPS_STATE_DIR"] = str(state_dir)
    performed = _perform(where, root, code_digest, load_task)
    with os.fdopen(answer, "wb") as pipe:
        pipe.write(_pickled(performed))


def _request(data: bytes) -> Any:
    return pickle.loads(data)


def _perform(where: StepAddress, root: Path, code_digest: bytes, task_bytes: bytes) -> Performed:
    use_root(root, Path(where.file).parent)
    module = import_file(Path(where.file), root)
    step: Step[..., Any] = reduce(getattr, where.qualname.split("."), module)  # type: ignore[arg-type]
    if step_code(step.__wrapped__, (str(root),)).digest != code_digest:
        return Performed(error=WorkerDied(
            f"the code of {where.qualname!r} on disk is not the code that the run was planned with",
            hint="it was edited while the run went on: run again",
        ))  # fmt: skip
    task: StepTask = pickle.loads(task_bytes)
    task.step = step
    workspace = open_workspace(root)
    try:
        return Performer(workspace, Places(str(root), str(workspace.state_dir))).perform(task)
    finally:
        workspace.close()


def _pickled(performed: Performed) -> bytes:
    """The answer; an exception that cannot be pickled is sent as its text."""
    if performed.error is not None:
        performed.traceback = "".join(traceback.format_exception(performed.error))
    try:
        data = pickle.dumps(performed, protocol=5)
        pickle.loads(data)
    except Exception:
        performed.error = RuntimeError(f"{type(performed.error).__name__}: {performed.error}")
        data = pickle.dumps(performed, protocol=5)
    return data


if __name__ == "__main__":
    main()
