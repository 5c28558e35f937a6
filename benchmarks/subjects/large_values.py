"""How the cost of an array grows with its size: fingerprint, storing, loading."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.arrays import Array, one_read, random_array
from benchmarks.goals import MAPPED, WRITE_AND_FSYNC
from benchmarks.keeping import kept, sync, written_plainly
from benchmarks.measure import Contender, interleaved, per_piece
from benchmarks.results import Group
from benchmarks.scale import Scale
from mlops_core import fingerprint, formats
from mlops_core.workspace.workspace import Workspace, open_workspace

_MEGABYTE = 10**6


def measure(scale: Scale, folder: Path) -> list[Group]:
    """Three groups per size, as time per megabyte."""
    return [group for nbytes in scale.value_bytes for group in of_size(nbytes, scale, folder / str(nbytes))]


def of_size(nbytes: int, scale: Scale, folder: Path) -> list[Group]:
    """Fingerprint, storing and loading, each beside what it cannot undercut."""
    values = random_array(nbytes)
    folder.mkdir(parents=True)
    with open_workspace(folder) as workspace:
        seen = [Contender("fingerprint", lambda: fingerprint(values)), one_read([values])]
        groups = [
            _group("fingerprint", nbytes, seen, scale),
            _group("store", nbytes, _storing(workspace, values, folder), scale),
            _group("load", nbytes, _loading(workspace, values, folder), scale),
        ]
        _empty(workspace.state_dir / "objects")
    return groups


def _group(key: str, nbytes: int, contenders: Sequence[Contender], scale: Scale) -> Group:
    found = interleaved(contenders, scale.few_rounds, scale.least_seconds, warm_ups=1)
    title = f"{key} an array of {nbytes / _MEGABYTE:,g} MB: time per MB"
    return Group(f"large_values/{key}/{nbytes}", title, per_piece(found, max(1, nbytes // _MEGABYTE)))


def _storing(workspace: Workspace, values: Array, folder: Path) -> list[Contender]:
    def change() -> None:
        values[..., ::512] += 1  # every page is a new one
        _empty(workspace.state_dir / "objects")
        plain.unlink(missing_ok=True)

    plain = folder / "plain.bytes"
    return [
        Contender("store, down to the disk", lambda: kept(workspace, values), change),
        Contender(WRITE_AND_FSYNC, lambda: written_plainly(values, plain), change),
    ]


def _loading(workspace: Workspace, values: Array, folder: Path) -> list[Contender]:
    _empty(workspace.state_dir / "objects")
    values += 1
    artifact, file = kept(workspace, values), folder / "values.npy"
    np.save(file, values)
    sync(file)
    return [
        Contender("load", lambda: formats.load(artifact, workspace.store)),
        Contender(MAPPED, lambda: np.load(file, mmap_mode="r")),
    ]


def _empty(folder: Path) -> None:
    for file in folder.glob("*"):
        file.unlink()
