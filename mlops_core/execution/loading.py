"""From artifacts to the values that steps, callers and conditions get."""

import os
import re
from pathlib import Path
from typing import Any

from mlops_core import formats
from mlops_core.engine.digest import to_text
from mlops_core.errors import DamagedState
from mlops_core.formats.artifact import Artifact, from_json
from mlops_core.metadata import artifacts
from mlops_core.planning.inputs import ContentPath
from mlops_core.store import Lease
from mlops_core.workspace.workspace import Workspace

_DIGEST = re.compile("[0-9a-f]{32}")


class Loader:
    """Loads values of one workspace. With a ``lease`` what was looked up stays there until it is released."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.lease: Lease | None = None
        self.files = workspace.state_dir / "tmp" / "files"

    def artifact(self, digest: bytes) -> Artifact:
        """The artifact of a digest. Raises ``DamagedState`` where no such value is recorded."""
        text = self._manifest(digest)
        if text is None:
            raise DamagedState(
                f"no value {to_text(digest)} is recorded", hint="run the pipeline again", digest=digest
            )
        return from_json(digest, text)

    def _manifest(self, digest: bytes) -> str | None:
        if self.lease is None:
            return artifacts.get(self.workspace.database, digest)
        with self.lease.publishing([digest]):
            return artifacts.get(self.workspace.database, digest)

    def hold(self, digest: bytes) -> None:
        """Keep a value that is about to be stored from upkeep, as long as the lease lasts."""
        if self.lease is not None:
            with self.lease.publishing([digest]):
                return

    def by_digest(self, digest: bytes) -> object:
        """The value of a digest."""
        return self.value(self.artifact(digest))

    def value(self, artifact: Artifact, writable: bool = False) -> object:
        """The value: arrays and tables as read-only maps (private when writable), all else fresh.

        Files that a step returned are put read-only below the state folder, under their own name.
        """
        return formats.load(artifact, self.workspace.store, writable=writable, folder=self.files)

    def sound(self, digest: bytes) -> Artifact:
        """The artifact of a digest whose cells are all there and right.

        Raises ``DamagedState``. A segment that nothing touched since it was verified costs one stat.
        """
        artifact = self.artifact(digest)
        self.workspace.store.ensure(stored_cells(artifact))
        return artifact

    def handed_over(self, tree: object, writable: bool = False) -> Any:
        """A resolved argument as the step gets it."""
        if isinstance(tree, Artifact):
            return self.value(tree, writable)
        if isinstance(tree, ContentPath):
            return self._neutral(tree.path)
        if type(tree) in (list, tuple):
            return type(tree)(self.handed_over(item, writable) for item in tree)  # type: ignore[attr-defined,call-arg]
        if type(tree) is dict:
            return {k: self.handed_over(v, writable) for k, v in tree.items()}
        return tree

    def _neutral(self, path: Path) -> Path:
        """The same content as ``input.csv``: a link where the system has them, else a copy."""
        folder = self.workspace.state_dir / "tmp" / "inputs" / f"{os.getpid()}-{abs(hash(str(path))):x}"
        folder.mkdir(parents=True, exist_ok=True)
        neutral = folder / f"input{path.suffix}"
        neutral.unlink(missing_ok=True)
        try:
            neutral.symlink_to(path)
        except OSError:
            import shutil

            shutil.copyfile(path, neutral)
        return neutral


def stored_cells(artifact: Artifact) -> list[bytes]:
    """All cells that an artifact and its children are stored in."""
    found = [bytes.fromhex(text) for text in _cell_texts(artifact.manifest)]
    return found + [cell for child in artifact.children.values() for cell in stored_cells(child)]


def _cell_texts(manifest: object) -> list[str]:
    """Manifests list cells as hexadecimal digests, wherever the format puts them; '' where there is none."""
    if isinstance(manifest, dict):
        return [text for part in manifest.values() for text in _cell_texts(part)]
    if not isinstance(manifest, list):
        return []
    if all(isinstance(text, str) and (not text or _DIGEST.fullmatch(text)) for text in manifest):
        return [text for text in manifest if text]
    return [text for part in manifest for text in _cell_texts(part)]
