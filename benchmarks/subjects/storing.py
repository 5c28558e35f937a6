"""Storing an array of 256 MiB and getting it back, against NumPy's own files."""

import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import Contender, interleaved
from benchmarks.results import Group
from benchmarks.scale import Scale
from mlops_core import formats
from mlops_core.fingerprints.values import value_fingerprint
from mlops_core.formats.artifact import Artifact
from mlops_core.metadata import artifacts, cells
from mlops_core.workspace.workspace import Workspace, open_workspace

Array = np.ndarray[Any, np.dtype[np.float64]]
_CELL = 2**20 // 8  # values


def measure(scale: Scale, folder: Path) -> list[Group]:
    """Two groups: store, and load and read everything."""
    values = np.random.default_rng(0).random(max(1, scale.stored_bytes // 8))
    size = f"{scale.stored_bytes / 2**20:g} MiB"
    with open_workspace(folder) as workspace:
        storing = interleaved(_storing(workspace, values, folder), scale.rounds)
        loading = interleaved(_loading(workspace, values, folder), scale.rounds)
    return [Group(f"store an array of {size}", storing), Group(f"load an array of {size}, sum it", loading)]


def _storing(workspace: Workspace, values: Array, folder: Path) -> list[Contender]:
    change = _changer(values, [workspace.state_dir / "objects", folder])
    return [
        Contender("mlops_core, on the disk", lambda: _stored(workspace, values), change),
        Contender("np.save and fsync", lambda: _saved(values, folder, sync=True), change),
        Contender("np.save", lambda: _saved(values, folder, sync=False), change),
    ]


def _loading(workspace: Workspace, values: Array, folder: Path) -> list[Contender]:
    artifact, file = _stored(workspace, values), _saved(values, folder, sync=True)
    return [
        Contender("mlops_core", lambda: _sum(formats.load(artifact, workspace.store))),
        Contender("np.load", lambda: _sum(np.load(file))),
        Contender("np.load, mmap_mode='r'", lambda: _sum(np.load(file, mmap_mode="r"))),
        Contender("floor: already in memory", lambda: _sum(values)),
    ]


def _changer(values: Array, folders: list[Path]) -> Callable[[], None]:
    """Makes every cell of the array one that was never stored, and removes what was stored before.

    So nobody has to get fresh memory for the page cache while the others use theirs again, which can take
    longer than all the rest (a virtual machine gets it from its host only then).
    """
    numbers = itertools.count()

    def change() -> None:
        values[::_CELL] = next(numbers)
        for file in itertools.chain.from_iterable(folder.glob("*.*") for folder in folders):
            file.unlink()

    return change


def _stored(workspace: Workspace, values: Array) -> Artifact:
    """As a finished step does it: hash, write, sync, record."""
    with workspace.store.writer() as writer:
        artifact = formats.save(values, writer, value_fingerprint)
        written = writer.commit()
    with workspace.database.transaction() as tx:
        cells.add(tx, written)
        text = formats.to_json(artifact)
        artifacts.add(tx, artifact.digest, text, artifact.format, artifact.type, artifact.nbytes)
    return artifact


def _saved(values: Array, folder: Path, *, sync: bool) -> Path:
    path = folder / "values.npy"
    with path.open("wb") as file:
        np.save(file, values)
        if sync:
            file.flush()
            os.fsync(file.fileno())
    return path


def _sum(value: object) -> float:
    assert isinstance(value, np.ndarray)
    return float(value.sum())
