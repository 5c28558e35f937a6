"""What the store says of stored files besides their artifacts: their listings, and how long cells are."""

import json
from collections.abc import Sequence
from typing import Any

from mlops_core.formats.artifact import Artifact
from mlops_core.formats.cells import digests
from mlops_core.metadata.cells import SqliteCellIndex
from mlops_core.workspace.workspace import Workspace


class StoredListings:
    """The listings of a workspace's files and folders. Reading one raises MissingCell and DamagedState."""

    def __init__(self, workspace: Workspace) -> None:
        self._store = workspace.store
        self._index = SqliteCellIndex(workspace.database)

    def entries(self, artifact: Artifact, /) -> list[list[Any]]:
        """The entries of a stored file or folder."""
        text = self._store.peek(digests(artifact.manifest["listing"]))
        found: list[list[Any]] = json.loads(str(text, "utf-8"))
        return found

    def lengths(self, cells: Sequence[str], /) -> dict[str, int]:
        """Bytes of each cell that is there."""
        found = self._index.find(digests(cells))
        return {cell.hex(): len(row) if isinstance(row, bytes) else row.length for cell, row in found.items()}
