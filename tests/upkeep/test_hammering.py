"""Eight processes, then eight threads, on one store at the same moment: nothing is lost, nothing wrong."""

import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from mlops_core import formats, pipeline, step
from mlops_core.execution.keep import add_artifact
from mlops_core.execution.loading import Loader
from mlops_core.execution.running import run_pipeline
from mlops_core.execution.upkeep.choice import Rules
from mlops_core.execution.upkeep.collect import collect
from mlops_core.execution.upkeep.scrub import scrub_store
from mlops_core.fingerprints.files import path_digest
from mlops_core.fingerprints.values import value_fingerprint
from mlops_core.metadata import cells
from mlops_core.workspace.workspace import Workspace

PROCESSES = THREADS = 8
ROUNDS = 12

# All store arrays that begin alike (so that they share cells and grow), some collect, some verify.
HAMMER = """
    import sys
    from pathlib import Path
    import numpy as np
    from mlops_core import formats
    from mlops_core.execution.keep import add_artifact
    from mlops_core.execution.loading import Loader
    from mlops_core.execution.upkeep.choice import Rules
    from mlops_core.execution.upkeep.collect import collect
    from mlops_core.execution.upkeep.scrub import scrub_store
    from mlops_core.fingerprints.values import value_fingerprint
    from mlops_core.metadata import cells
    from mlops_core.workspace.workspace import open_workspace

    root, mine, rounds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    print("ready", flush=True)
    sys.stdin.readline()
    with open_workspace(root) as workspace:
        for turn in range(rounds):
            value = np.arange(150_000 + 700 * ((turn + mine) % 9))
            with workspace.store.lease() as lease:
                writer = workspace.store.writer()
                artifact = formats.save(value, writer, value_fingerprint)
                loader = Loader(workspace)
                loader.lease = lease
                loader.hold(artifact.digest)
                written = writer.commit()
                with workspace.database.transaction() as tx:
                    cells.add(tx, written)
                    add_artifact(tx, artifact)
                writer.release()
                loaded = loader.by_digest(artifact.digest)
            assert np.array_equal(loaded, value)
            if mine == 0:
                collect(workspace, Rules(budget=2 << 20))
            if mine == 1 and turn % 4 == 0:
                faults = scrub_store(workspace).faults
                assert not faults, faults
            assert np.array_equal(loaded, value), "what was handed out stays"
    print("done", flush=True)
"""


def test_eight_processes(
    root: Path, workspace: Workspace, spawn: Callable[..., "subprocess.Popen[str]"]
) -> None:
    hammers = [spawn(HAMMER, root, number, ROUNDS) for number in range(PROCESSES)]
    for hammer in hammers:
        assert hammer.stdout is not None
        assert hammer.stdout.readline() == "ready\n"
    for hammer in hammers:
        assert hammer.stdin is not None
        hammer.stdin.write("go\n")
        hammer.stdin.flush()
    for hammer in hammers:
        output, errors = hammer.communicate(timeout=120)
        assert (hammer.returncode, output) == (0, "done\n"), errors
    assert scrub_store(workspace).faults == []
    assert [path.name for path in (workspace.state_dir / "tmp").iterdir()] == []
    collect(workspace, Rules(budget=0))
    assert list((workspace.state_dir / "objects").iterdir()) == []


@step
def begun(n: int) -> np.ndarray:
    return np.arange(150_000 + 700 * n)


@step
def summed(values: np.ndarray) -> int:
    return int(values.sum())


@pipeline
def work(n: int = 1):
    return {"sum": summed(begun(n))}


def _expected(n: int) -> int:
    count = 150_000 + 700 * n
    return count * (count - 1) // 2


def _together(what: Callable[[int], Any]) -> list[Any]:
    """The answers of eight threads that begin at the same moment."""
    barrier = threading.Barrier(THREADS)

    def begin(number: int) -> Any:
        barrier.wait(60)
        return what(number)

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(begin, range(THREADS)))


def test_eight_threads_run_pipelines(workspace: Workspace) -> None:
    def run(number: int) -> list[Any]:
        return [run_pipeline(workspace, work, ((number + turn) % 5,)) for turn in range(4)]

    for number, runs in enumerate(_together(run)):
        for turn, done in enumerate(runs):
            assert done.status == "succeeded", done.error
            assert done.outputs_json == {"sum": _expected((number + turn) % 5)}
    numbers = workspace.database.query("SELECT number FROM runs ORDER BY number")
    assert [number for (number,) in numbers] == list(range(1, THREADS * 4 + 1))
    assert scrub_store(workspace).faults == []


def _stored(workspace: Workspace, value: Any) -> Any:
    """Store a value as runs do (the segment first, then the rows) and load it again."""
    loader = Loader(workspace)
    with workspace.store.lease() as loader.lease:
        writer = workspace.store.writer()
        artifact = formats.save(value, writer, value_fingerprint)
        loader.hold(artifact.digest)
        written = writer.commit()
        with workspace.database.transaction() as tx:
            cells.add(tx, written)
            add_artifact(tx, artifact)
        writer.release()
        return loader.by_digest(artifact.digest)


def test_eight_threads_store_load_and_collect(workspace: Workspace) -> None:
    def use(number: int) -> None:
        for turn in range(6):
            value = np.arange(150_000 + 700 * ((number + turn) % 4))
            loaded = _stored(workspace, value)
            if number == 0:
                collect(workspace, Rules(budget=4 << 20))
            assert np.array_equal(loaded, value)

    _together(use)
    assert scrub_store(workspace).faults == []


def test_eight_threads_fingerprint_one_folder(workspace: Workspace, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    for number in range(200):
        (tree / f"{number}.txt").write_text("x" * number)

    def look(number: int) -> bytes:
        digests = {path_digest(str(tree), workspace.stat_cache) for _ in range(5)}
        workspace.stat_cache.flush()
        (digest,) = digests
        return digest

    assert len(set(_together(look))) == 1
