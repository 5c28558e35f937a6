"""Values kept in a store of their own, down to the disk, as a finished step keeps them."""

import os
from pathlib import Path

import numpy as np

from benchmarks.arrays import Array
from mlops_core import formats
from mlops_core.fingerprints.values import value_fingerprint
from mlops_core.formats.artifact import Artifact
from mlops_core.metadata import artifacts, cells
from mlops_core.workspace.workspace import Workspace


def kept(workspace: Workspace, value: object) -> Artifact:
    """Hash, write and record a value, and see that its bytes are on the disk.

    Steps are synced in batches, off their path; here that is part of the work, as it is for the others.
    """
    with workspace.store.writer() as writer:
        artifact = formats.save(value, writer, value_fingerprint)
        written = writer.commit()
    with workspace.database.transaction() as tx:
        cells.add(tx, written)
        text = formats.to_json(artifact)
        artifacts.add(tx, artifact.digest, text, artifact.format, artifact.type, artifact.nbytes)
    writer.release()
    for file in (workspace.state_dir / "objects").glob("*"):
        sync(file)
    return artifact


def sync(file: Path) -> None:
    """Bring the file to the disk; costs next to nothing where it is there already."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def written_plainly(memory: Array, path: Path) -> None:
    """What storing cannot undercut: the bytes in a new file, on the disk."""
    with path.open("wb", buffering=0) as file:
        left = memory.reshape(-1).view(np.uint8).data
        while left:
            left = left[file.write(left) :]
    sync(path)


def disk_bytes(folder: Path) -> int:
    """What a folder takes on the disk: blocks, not lengths."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))
