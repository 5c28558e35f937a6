"""Real file systems with peculiarities: layers over a folder (overlayfs), memory (tmpfs)."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

Words = Callable[..., list[str]]

WORK = """
    import numpy as np
    from pathlib import Path
    from mlops_core import pipeline, step

    @step
    def read(file: Path) -> np.ndarray:
        return np.frombuffer(file.read_bytes() * 5000, np.uint8).copy()

    @step
    def count(a: np.ndarray) -> int:
        return int(a.sum())

    @pipeline
    def work(file: Path = Path("input.txt")):
        return {"n": count(read(file))}
"""


def test_a_state_in_a_lower_layer(disks: Any, mlops: Words, tmp_path: Path, run_python: Any) -> None:
    """As in a container whose image brings a project with its results: the first write copies files up."""
    lower, upper, work = (tmp_path / name for name in ("lower", "upper", "work"))
    for folder in (lower, upper, work):
        folder.mkdir()
    (lower / "mlops.toml").touch()
    (lower / "input.txt").write_text("a")
    (lower / "work.py").write_text(dedent(WORK))
    run = mlops("run", "work.py", "--json")
    assert run_python(run, lower).returncode == 0
    before = {path.name: path.read_bytes() for path in (lower / ".mlops").rglob("*") if path.is_file()}
    mount = ["mount", "-t", "overlay", "overlay", "-o", f"lowerdir={lower},upperdir={upper},workdir={work}"]
    again, edited, other, listed, verified, looked = disks.on(
        mount, {}, run, ["sh", "-c", "printf b > input.txt"], run, mlops("runs", "ls", "--json"),
        mlops("store", "verify"), mlops("doctor", "--json"),
    )  # fmt: skip
    assert again.steps == {"read": "cached", "count": "cached"}
    assert edited.status == 0
    assert other.steps == {"read": "ran", "count": "ran"}
    assert [row["run"] for row in listed.document["runs"]] == [3, 2, 1]
    assert verified.status == 0, verified.out
    found = {check["name"]: check for check in looked.document["checks"]}
    assert found["file system"]["found"].startswith("overlay")
    assert {
        path.name: path.read_bytes() for path in (lower / ".mlops").rglob("*") if path.is_file()
    } == before


def test_files_in_memory_are_read_every_time(disks: Any, mlops: Words) -> None:
    """Times of a tmpfs are those of the last clock tick: a small file may change without moving them."""
    script = """
        import json, os
        from pathlib import Path
        from mlops_core.clock import Clock
        from mlops_core.fingerprints.files import path_digest
        from mlops_core.metadata.stat_cache import MappedStatCache

        class Later(Clock):
            def now(self):
                return super().now() + 3600

        os.makedirs("state/locks")
        os.makedirs("tree")
        Path("tree/small").write_bytes(b"a" * 100)
        Path("tree/large").write_bytes(b"a" * 100_000)
        cache = MappedStatCache("state")
        for path in ("tree", "tree/small", "tree/large"):
            path_digest(path, cache, Later())
        cache.flush()
        known = MappedStatCache("state")
        found = []
        for name in ("small", "large"):
            status = os.stat(f"tree/{name}")
            signature = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
            found.append(known.get(os.path.abspath(f"tree/{name}"), signature) is not None)
        print(json.dumps(found))
    """
    (ended,) = disks.small("8m", {"script.py": script}, [sys.executable, "script.py"])
    assert ended.status == 0, ended.err
    assert json.loads(ended.out.splitlines()[-1]) == [False, True]
