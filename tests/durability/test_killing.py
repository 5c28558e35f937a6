"""kill -9 at every call that writes, and before every statement that changes the database: no step that was
reported finished is lost, and whatever is half is not there.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PIPELINE = """
import numpy as np
from mlops_core import pipeline, step

@step
def small(n: int) -> int:
    return n + 1

@step
def numbers(n: int) -> np.ndarray:
    return np.arange(9_000 + n)

@pipeline
def work():
    return {"last": numbers(small(small(3)))}
"""
# The children are forks of one process that has imported everything: a kill costs milliseconds.
DRIVER = """
import json, os, signal, sys
from pathlib import Path
import numpy as np
from mlops_core.execution.listener import Listener
from mlops_core.execution.running import run_pipeline
from mlops_core.files.layer import FileLayer
from mlops_core.metadata import writer
from mlops_core.workspace.workspace import open_workspace
sys.path.insert(0, sys.argv[1])
from work import work

CHANGES = ("BEGIN", "INSERT", "UPDATE", "COMMIT")

class Said(Listener):
    def __init__(self, pipe):
        self.pipe = pipe
    def step_finished(self, step_run):
        os.write(self.pipe, (step_run.name + "\\n").encode())

def count_down(left):
    def count():
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return count

def child(root, left, pipe):
    count = count_down(left)
    def counted(method):
        def call(*args, **kwargs):
            count()
            return method(*args, **kwargs)
        return call
    for name in ("create", "write", "protect", "sync", "close", "rename", "sync_folder"):
        setattr(FileLayer, name, counted(getattr(FileLayer, name)))
    plain = writer.open_writer
    def traced(path):
        connection = plain(path)
        connection.set_trace_callback(lambda text: count() if text.startswith(CHANGES) else None)
        return connection
    writer.open_writer = traced
    with open_workspace(root) as workspace:
        run_pipeline(workspace, work, listener=Said(pipe))
    os._exit(0)

def killed_after(root, left):
    reading, writing = os.pipe()
    if not (pid := os.fork()):
        child(root, left, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read().split()
    return said, os.waitpid(pid, 0)[1]

rounds, status = [], signal.SIGKILL
while status:
    root = Path(sys.argv[1]) / str(len(rounds))
    root.mkdir()
    (root / "mlops.toml").touch()
    said, status = killed_after(root, len(rounds))
    with open_workspace(root) as workspace:
        run = run_pipeline(workspace, work)
        found = [step.name for step in run.steps if step.status == "cached"]
        right = run.status == "succeeded" and np.array_equal(run.outputs["last"], np.arange(9_005))
    rounds.append([status, said, found, bool(right)])
print(json.dumps(rounds))
"""


def test_no_finished_step_is_lost(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(PIPELINE)
    ended = subprocess.run(
        [sys.executable, "-c", DRIVER, tmp_path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    rounds = json.loads(ended.stdout)
    assert [status for status, *_ in rounds] == [9] * (len(rounds) - 1) + [0]
    assert len(rounds) > 60
    for number, (_, said, found, right) in enumerate(rounds):
        assert right, number
        assert set(said) <= set(found), (number, said, found)
    assert len({len(said) for _, said, *_ in rounds}) == 4  # killed before the first, and after each
