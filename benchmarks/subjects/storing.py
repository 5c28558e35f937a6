"""Storing an array and a table of 1 GB and getting them back, against plain files."""

import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.arrays import Array, random_array, table_of
from benchmarks.goals import MAPPED, WRITE_AND_FSYNC
from benchmarks.keeping import kept, sync, written_plainly
from benchmarks.measure import Act, Contender, interleaved
from benchmarks.results import Group
from benchmarks.scale import Scale
from mlops_core import formats
from mlops_core.workspace.workspace import Workspace, open_workspace

_COLUMNS = 10
_PAGE = 4096 // 8  # values


def measure(scale: Scale, folder: Path) -> list[Group]:
    """Four groups: store, and load and read everything, an array and a table over the same bytes."""
    values = random_array(scale.big_bytes, _COLUMNS)
    table = table_of(values)
    size = f"{scale.big_bytes / 1e9:g} GB"
    with open_workspace(folder) as workspace:
        change = _changer(values, [workspace.state_dir / "objects", folder])
        jobs = (("array", "an array", values), ("table", "an Arrow table", table))
        storing = [
            Group(
                f"storing/{key}",
                f"store {what} of {size}, down to the disk",
                interleaved(_storing(workspace, value, values, folder, change), scale.few_rounds),
            )
            for key, what, value in jobs
        ]
        loading = interleaved(_loading(workspace, values, folder), scale.rounds)
    return [*storing, Group("loading/array", f"load an array of {size}, sum it", loading)]


def _storing(
    workspace: Workspace, value: object, memory: Array, folder: Path, change: Act
) -> list[Contender]:
    plain = folder / "plain.bytes"
    if isinstance(value, pa.Table):
        own = Contender("Arrow IPC file and fsync", lambda: _as_arrow_file(value, folder), change)
    else:
        own = Contender("np.save and fsync", lambda: _as_numpy_file(memory, folder), change)
    return [
        Contender("mlops_core", lambda: kept(workspace, value), change),
        Contender(WRITE_AND_FSYNC, lambda: written_plainly(memory, plain), change),
        own,
    ]


def _loading(workspace: Workspace, values: Array, folder: Path) -> list[Contender]:
    artifact, file = kept(workspace, values), _as_numpy_file(values, folder)
    return [
        Contender("mlops_core", lambda: _sum(formats.load(artifact, workspace.store))),
        Contender("np.load", lambda: _sum(np.load(file))),
        Contender(MAPPED, lambda: _sum(np.load(file, mmap_mode="r"))),
        Contender("floor: already in memory", lambda: _sum(values)),
    ]


def _changer(values: Array, folders: list[Path]) -> Act:
    """Makes every page of the values one that was never stored, and removes what was stored before.

    So nobody has to get fresh memory for the page cache while the others use theirs again, which can take
    longer than all the rest (a virtual machine gets it from its host only then).
    """
    numbers = itertools.count()

    def change() -> None:
        values[:, ::_PAGE] = next(numbers)
        for file in itertools.chain.from_iterable(folder.glob("*.*") for folder in folders):
            file.unlink(missing_ok=True)

    return change


def _as_numpy_file(values: Array, folder: Path) -> Path:
    path = folder / "values.npy"
    np.save(path, values)
    sync(path)
    return path


def _as_arrow_file(table: pa.Table, folder: Path) -> None:
    path = folder / "values.arrow"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    sync(path)


def _sum(value: object) -> float:
    assert isinstance(value, np.ndarray)
    return float(value.sum())
