"""kill -9 before every single thing that a collection does to the disk or to the database."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mlops_core.execution.upkeep.choice import Rules
from mlops_core.execution.upkeep.collect import collect
from mlops_core.workspace.workspace import Workspace

MIB = 1 << 20
#: For N from 0: copies the project and collects in a child that kills itself before its N-th call to a disk
#: or statement that changes the database, until one gets to its end. Prints where each copy is.
COLLECTOR = """
    import os, shutil, signal, sys
    from pathlib import Path
    from mlops_core.files.layer import FileLayer
    from mlops_core.metadata import writer
    from mlops_core.execution.upkeep.choice import Rules
    from mlops_core.execution.upkeep.collect import collect
    from mlops_core.workspace.workspace import open_workspace

    left = 0

    def count(*_):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(method):
        def call(*args, **options):
            count()
            return method(*args, **options)
        return call

    for name in ("create", "write", "protect", "sync", "rename", "remove", "sync_folder"):
        setattr(FileLayer, name, counted(getattr(FileLayer, name)))
    plain = writer.open_writer
    words = ("BEGIN", "COMMIT", "INSERT", "UPDATE", "DELETE")

    def traced(path):
        connection = plain(path)
        connection.set_trace_callback(lambda sql: count() if sql.startswith(words) else None)
        return connection

    writer.open_writer = traced

    def one(root):
        with open_workspace(root) as workspace:
            collect(workspace, Rules(budget=3 << 19))

    template, point, status = Path(sys.argv[1]), 0, 1
    while status:
        root = template.with_name(str(point))
        shutil.copytree(template, root)
        left = point
        child = os.fork()
        if not child:
            one(root)
            os._exit(0)
        status = os.waitpid(child, 0)[1]
        assert status in (0, signal.SIGKILL), status
        print(root, flush=True)
        point += 1
"""


def array(seed: int, size: int) -> Any:
    return np.random.default_rng(seed).integers(0, 255, size, np.uint8)


def test_a_kill_at_every_point(
    tmp_path: Path, spawn: Callable[..., "subprocess.Popen[str]"], make_workspace: Any, past_class: Any
) -> None:
    with make_workspace(tmp_path / "template") as workspace:
        past = past_class(workspace)
        values = fill(past)
    output, errors = spawn(COLLECTOR, tmp_path / "template").communicate(timeout=100)
    assert errors == ""
    roots = output.splitlines()
    assert len(roots) > 20
    for root in roots:
        with make_workspace(Path(root)) as past.workspace:
            check(past.workspace, past, values)
        shutil.rmtree(root)


def fill(past: Any) -> dict[bytes, tuple[int, Any]]:
    """Values by digest, with the number of their run: two that go, one of which leaves a half-dead segment,
    and one that stays."""
    large = array(1, 4 * MIB)
    made = [past.run(large, seconds=0.1), past.run(array(2, MIB), seconds=0.1)]
    made += [past.run(large[:MIB], seconds=1000.0)]
    contents = [large, array(2, MIB), large[:MIB]]
    return {digest: (n, content) for n, (digest, content) in enumerate(zip(made, contents, strict=True))}


def check(workspace: Workspace, past: Any, values: dict[bytes, tuple[int, Any]]) -> None:
    """Every value is right, or its record says why it is not there; the next collection finishes the job."""
    for digest, (number, content) in values.items():
        if past.has(digest):
            assert np.array_equal(past.value(digest), content)
        else:
            assert past.dropped(number) == "removed by gc"
    kept = list(values)[-1]
    assert past.has(kept)
    workspace.database.check()
    collect(workspace, Rules(budget=3 * MIB // 2))
    assert np.array_equal(past.value(kept), values[kept][1])
    names = [path.name for path in (workspace.state_dir / "objects").iterdir()]
    assert len(names) == 1
    assert [name for name in (workspace.state_dir / "tmp").iterdir() if name.suffix == ".lease"] == []
