"""kill -9 before every single thing that a collection or a repair does to the disk or to the database."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlops_core.execution.upkeep.choice import Rules
from mlops_core.execution.upkeep.cold import pack
from mlops_core.execution.upkeep.collect import collect
from mlops_core.execution.upkeep.repair import repair_store
from mlops_core.execution.upkeep.scrub import scrub_store
from mlops_core.metadata import holdings
from mlops_core.workspace.workspace import Workspace

MIB = 1 << 20
#: For N from 0: copies the project and works on it in a child that kills itself before its N-th call to the
#: disk or statement that changes the database, until one gets to its end. Prints where each copy is.
WORKER = """
    import os, shutil, signal, sys
    from pathlib import Path
    from mlops_core.files.layer import FileLayer
    from mlops_core.metadata import writer
    from mlops_core.execution.upkeep.choice import Rules
    from mlops_core.execution.loading import Loader
    from mlops_core.execution.upkeep.cold import pack
    from mlops_core.execution.upkeep.collect import collect
    from mlops_core.execution.upkeep.repair import repair_store
    from mlops_core.metadata import holdings
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
            if sys.argv[2] == "repair":
                repair_store(workspace)
            elif sys.argv[2] == "pack":
                pack(workspace, 0)
            elif sys.argv[2] == "load":
                for digest in holdings.manifest_seals(workspace.database.query):
                    Loader(workspace).by_digest(digest)
            else:
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
    for root in killed(spawn, tmp_path / "template", "collect"):
        with make_workspace(Path(root)) as past.workspace:
            check(past.workspace, past, values)
        shutil.rmtree(root)


def killed(spawn: Callable[..., Any], template: Path, work: str) -> list[str]:
    """The copies of a project in which ``work`` was killed at every point, and one in which it was not."""
    output, errors = spawn(WORKER, template, work).communicate(timeout=100)
    assert errors == ""
    roots: list[str] = output.splitlines()
    assert len(roots) > 15
    return roots


def versions() -> list[Any]:
    """Arrays that grow, and compress."""
    whole = np.arange(20_000) % 1000 * 0.5
    return [whole[:16_000], whole]


def cold(make_workspace: Any, past_class: Any, template: Path) -> tuple[Any, dict[bytes, Any]]:
    """A project with values that no run has had for long."""
    with make_workspace(template) as workspace:
        past = past_class(workspace)
        digests = [past.run(value) for value in versions()]
        for path in (workspace.state_dir / "objects").iterdir():
            os.utime(path, (1e9, 1e9))
    return past, dict(zip(digests, versions(), strict=True))


def check_same(past: Any, values: dict[bytes, Any]) -> None:
    """Whatever is packed by now: each value is right, and upkeep finishes what was begun."""
    scrubbed = scrub_store(past.workspace)
    assert (scrubbed.faults, scrubbed.lost) == ([], [])
    for digest, value in values.items():
        assert np.array_equal(past.value(digest), value)
    collect(past.workspace, Rules())
    files = {path.stem for path in (past.workspace.state_dir / "objects").iterdir()}
    rows = holdings.listed_rows(past.workspace.database.query, past.workspace.database.damage)
    assert files == {row.segment for row in rows}
    assert [name for name in os.listdir(past.workspace.state_dir / "tmp") if ".segment" in name] == []
    for digest, value in values.items():
        assert np.array_equal(past.value(digest), value)


@pytest.mark.parametrize("work", ["pack", "load"])
def test_packing_and_unpacking_killed_at_every_point(
    tmp_path: Path, spawn: Any, make_workspace: Any, past_class: Any, work: str
) -> None:
    past, values = cold(make_workspace, past_class, tmp_path / "template")
    if work == "load":
        with make_workspace(tmp_path / "template") as workspace:
            assert pack(workspace, 0).cells == 2
    for root in killed(spawn, tmp_path / "template", work):
        with make_workspace(Path(root)) as past.workspace:
            check_same(past, values)
        shutil.rmtree(root)


def test_a_repair_killed_at_every_point(
    tmp_path: Path, spawn: Callable[..., "subprocess.Popen[str]"], make_workspace: Any, past_class: Any
) -> None:
    with make_workspace(tmp_path / "template") as workspace:
        past = past_class(workspace)
        values = fill(past)
        damage = damaged(workspace)
    for root in killed(spawn, tmp_path / "template", "repair"):
        with make_workspace(Path(root)) as past.workspace:
            check_repair(past.workspace, past, values, damage)
        shutil.rmtree(root)


def damaged(workspace: Workspace) -> bytes:
    """Damage the last cell of the large value; gives the content of the file."""
    cells = holdings.cell_rows(workspace.database.query, workspace.database.damage)
    last = max(cells, key=lambda cell: cell.offset)
    path = workspace.state_dir / "objects" / f"{last.segment}.segment"
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(last.offset)
        file.write(b"damage")
    return path.read_bytes()


def check_repair(workspace: Workspace, past: Any, values: Any, damage: bytes) -> None:
    """What is right is there after the next repair, what is lost says so, and the evidence is kept."""
    large, *others = values.items()
    repair_store(workspace)
    assert not scrub_store(workspace).faults
    for digest, (_, content) in others:
        assert np.array_equal(past.value(digest), content)
    assert not past.has(large[0])
    assert "damaged" in past.dropped(large[1][0])
    assert damage in [path.read_bytes() for path in (workspace.state_dir / "damaged").iterdir()]


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
