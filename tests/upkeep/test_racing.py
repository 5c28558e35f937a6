"""Collections beside processes that run: nobody loses what it uses, and no value is ever wrong."""

import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops_core.execution.upkeep.choice import Rules
from mlops_core.execution.upkeep.cold import pack
from mlops_core.execution.upkeep.collect import collect
from mlops_core.execution.upkeep.scrub import scrub_store
from mlops_core.workspace.workspace import Workspace

ROUNDS = 15
PROGRAM = """
from mlops_core import pipeline, step
import numpy as np

@step
def base(n: int) -> np.ndarray:
    return np.arange(400_000) + n

@step
def grown(a: np.ndarray, n: int) -> np.ndarray:
    return np.concatenate([a, np.arange(n)])

@step
def total(a: np.ndarray) -> int:
    return int(a.sum())

@pipeline
def work(n: int = 1) -> dict[str, object]:
    first = base(n % 2)
    return {"total": total(grown(first, 600 + n)), "again": total(first)}
"""
RUNNER = """
    import importlib.util, os, sys
    from pathlib import Path
    os.chdir(sys.argv[1])
    from mlops_core.execution.running import run_pipeline
    from mlops_core.workspace.modules import import_file, use_root
    from mlops_core.workspace.workspace import open_workspace

    root = Path(sys.argv[1])
    use_root(root, root)
    work = import_file(root / "pipe.py", root).work
    print("ready", flush=True)
    with open_workspace(root) as workspace:
        for n in range(int(sys.argv[2]), int(sys.argv[2]) + int(sys.argv[3])):
            run = run_pipeline(workspace, work, (n,))
            assert run.status == "succeeded", run.error
            first = 400_000 * (400_000 - 1) // 2 + 400_000 * (n % 2)
            more = (600 + n) * (600 + n - 1) // 2
            assert run.outputs_json == {"total": first + more, "again": first}, run.outputs_json
            for step in run.steps:
                assert step.status in ("ran", "cached")
    print("done")
"""


def test_collections_beside_runs(
    root: Path, workspace: Workspace, spawn: Callable[..., "subprocess.Popen[str]"]
) -> None:
    (root / "pipe.py").write_text(PROGRAM)
    runners = [spawn(RUNNER, root, start, ROUNDS) for start in (0, 5)]
    for runner in runners:
        assert runner.stdout is not None
        assert runner.stdout.readline() == "ready\n"
    collections = removed = packed = 0
    while any(runner.poll() is None for runner in runners):
        packed += pack(workspace, 0).cells
        removed += len(collect(workspace, Rules(budget=0)).values)
        collections += 1
        assert scrub_store(workspace).faults == []
    for runner in runners:
        output, errors = runner.communicate(timeout=60)
        assert (runner.returncode, output) == (0, "done\n"), errors
    assert collections > 1
    assert removed > 1
    assert packed > 0


def test_two_collections_wait_for_each_other(workspace: Workspace, past: Any, root: Path, spawn: Any) -> None:
    past.run(b"x" * 100_000)
    script = """
        import sys
        from pathlib import Path
        from mlops_core.execution.upkeep.choice import Rules
        from mlops_core.execution.upkeep.collect import collect
        from mlops_core.workspace.workspace import open_workspace
        with open_workspace(Path(sys.argv[1])) as workspace:
            print(len(collect(workspace, Rules(budget=0)).values))
    """
    both = [spawn(script, root) for _ in range(2)]
    counts = [process.communicate(timeout=60)[0] for process in both]
    assert sorted(counts) == ["0\n", "1\n"]


CALLER = """
    import sys
    import numpy as np
    from mlops_core import step

    @step
    def base(n: int) -> np.ndarray:
        return np.arange(200_000) + n

    @step
    def doubled(a: np.ndarray) -> np.ndarray:
        return a * 2

    held = []
    for n in range(40):
        array = doubled(base(n % 3))
        assert int(array[-1]) == 2 * (199_999 + n % 3)
        held.append((n % 3, array))
    for n, array in held:
        assert np.array_equal(array, 2 * (np.arange(200_000) + n))
    print("done")
"""


def test_collections_beside_cached_calls(
    root: Path, workspace: Workspace, spawn: Callable[..., "subprocess.Popen[str]"]
) -> None:
    script = root / "calls.py"
    script.write_text(textwrap.dedent(CALLER))
    program = "import os, runpy, sys; os.chdir(sys.argv[1]); runpy.run_path('calls.py', run_name='__main__')"
    callers = [spawn(program, root) for _ in range(2)]
    while any(caller.poll() is None for caller in callers):
        collect(workspace, Rules(budget=0))
    for caller in callers:
        output, errors = caller.communicate(timeout=60)
        assert (caller.returncode, output) == (0, "done\n"), errors
