"""Programs that keep the versions of a file: each takes what changed, and says what it takes on the disk."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.goals import BORG, RESTIC
from benchmarks.keeping import disk_bytes, sync
from benchmarks.peers import program
from benchmarks.processes import MLOPS, environment

#: A step that gives the table in a file, which it maps.
_PROGRAM = """\
from pathlib import Path

import pyarrow as pa

from mlops_core import pipeline, step

@step
def table(file: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(file))).read_all()

@pipeline
def versions(file: Path = Path("table.arrow")) -> pa.Table:
    return table(file)
"""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps the versions of one file: ``keep(number)`` is timed; ``note`` says why it cannot run.

    ``prepare`` comes before each version, untimed.
    """

    name: str
    keep: Callable[[int], None] | None = None
    kept_in: Path = Path()
    prepare: Callable[[], object] | None = None
    note: str = ""

    def disk(self) -> int:
        """The bytes that all versions take."""
        return disk_bytes(self.kept_in)


def ours(file: Path, folder: Path) -> Keeper:
    """A pipeline whose one step returns the table; its command, whole, from start to end."""
    (folder / "versions.py").write_text(_PROGRAM, encoding="utf-8")
    run = _runner([sys.executable, "-c", MLOPS, "run", "versions.py", "-p", f"file={file}"], folder)
    return Keeper("mlops run", lambda _: run(), folder / ".mlops")


def pack(folder: Path) -> None:
    """Pack our versions as if they were cold."""
    _runner([sys.executable, "-c", MLOPS, "store", "gc", "--compress", "--unused-for", "0s"], folder)()


def plain_copies(file: Path, folder: Path) -> Keeper:
    """A copy of the file for each version, synced."""

    def keep(number: int) -> None:
        copy = folder / "copies" / f"{number}.arrow"
        shutil.copyfile(file, copy)
        sync(copy)

    (folder / "copies").mkdir()
    return Keeper("plain copy and fsync", keep, folder / "copies")


def borg(file: Path, folder: Path) -> Keeper:
    """Borg without encryption, with its own compression (lz4)."""
    found = program("borg")
    if found is None:
        return Keeper(BORG, note="not installed")
    env = {"BORG_BASE_DIR": str(folder / "borg-home")}
    repository = folder / "borg"
    _runner([found, "init", "-e", "none", str(repository)], folder, env)()

    def keep(number: int) -> None:
        _runner([found, "create", f"{repository}::v{number}", str(file)], folder, env)()

    return Keeper(BORG, keep, repository)


def restic(file: Path, folder: Path) -> Keeper:
    """Restic, which always encrypts, with its own compression (zstd)."""
    found = program("restic")
    if found is None:
        return Keeper(RESTIC, note="not installed")
    env = {
        "RESTIC_PASSWORD": "benchmark",
        "RESTIC_REPOSITORY": str(folder / "restic"),
        "RESTIC_CACHE_DIR": str(folder / "restic-cache"),
    }
    _runner([found, "init", "--repository-version", "2"], folder, env)()
    keep = _runner([found, "backup", str(file)], folder, env)
    return Keeper(RESTIC, lambda _: keep(), folder / "restic")


def dvc(file: Path, folder: Path) -> Keeper:
    """DVC without git; it keeps whole files."""
    found = program("dvc")
    if found is None:
        return Keeper("DVC", note="not installed")
    home = folder / "dvc"
    home.mkdir()
    env = {"DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(folder / "dvc-site")}
    _runner([found, "init", "--no-scm", "-q"], home, env)()
    add = _runner([found, "add", "-q", file.name], home, env)

    def keep(_: int) -> None:
        add()

    place = home / file.name  # it takes only files inside its folder
    return Keeper("DVC", keep, home / ".dvc" / "cache", lambda: shutil.copyfile(file, place))


def _runner(arguments: list[str], folder: Path, more: dict[str, str] | None = None) -> Callable[[], None]:
    env = {**environment(), "LC_ALL": os.environ.get("LC_ALL", "C.UTF-8"), **(more or {})}

    def run() -> None:
        subprocess.run(arguments, cwd=folder, env=env, check=True, capture_output=True)

    return run
