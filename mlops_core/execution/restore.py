"""Put back what a step wrote to its ``Output`` destinations, when its result is reused."""

import json
from pathlib import Path

from mlops_core.execution.loading import Loader
from mlops_core.fingerprints.files import path_digest
from mlops_core.metadata.records import RecordRow
from mlops_core.planning.inputs import FileArguments


def destinations(loader: Loader, record: RecordRow, files: FileArguments | None) -> None:
    """Restore every destination whose content is not what the record says."""
    stored = json.loads(record.flags).get("restores", {})
    if not stored or files is None:
        return
    for name, path in files.destinations:
        if name in stored and _content(path, loader) != stored[name][1]:
            _restore(loader, bytes.fromhex(stored[name][0]), Path(path))


def _content(path: str, loader: Loader) -> str:
    try:
        return path_digest(path, loader.workspace.stat_cache).hex()
    except OSError:
        return ""


def _restore(loader: Loader, digest: bytes, path: Path) -> None:
    """Write the stored file or folder, unless what is there has the same content."""
    import shutil

    from mlops_core.formats.files import restore_path

    artifact = loader.artifact(digest)
    if path.is_dir():
        shutil.rmtree(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    restore_path(artifact, loader.workspace.store, path)
