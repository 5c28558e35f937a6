"""Which cells a stored value needs: all those that its manifest, its parts and its listings name."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from mlops_core.errors import DamagedState
from mlops_core.execution.loading import stored_cells
from mlops_core.formats.artifact import Artifact, from_json
from mlops_core.formats.cells import digests
from mlops_core.formats.protocols import Source
from mlops_core.formats.tree import Entry
from mlops_core.metadata import artifacts
from mlops_core.metadata.database import Database
from mlops_core.store import Store

_LISTED = ("file/1", "directory/1")


class Reached(NamedTuple):
    """What a value needs: ``cells``, and ``parts``, the artifacts in it. ``fault`` says why it is lost."""

    cells: frozenset[bytes]
    parts: frozenset[bytes]
    type: str
    fault: str = ""


class Reach:
    """Reads manifests, each once as long as its row is the same: the second survey of an upkeep is cheap."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._source = _Looking(store)
        self._known: dict[bytes, tuple[bytes, Reached]] = {}

    def of(self, digest: bytes, seal: bytes) -> Reached:
        """What the value of a digest needs; ``seal`` is that of its row now."""
        known = self._known.get(digest)
        if known is None or known[0] != seal:
            known = self._known[digest] = (seal, self._read(digest))
        return known[1]

    def _read(self, digest: bytes) -> Reached:
        text = artifacts.get(self._database, digest)
        if text is None:
            return Reached(frozenset(), frozenset(), "", "the record of how it is stored is damaged")
        try:
            artifact = from_json(digest, text)
            cells = every_cell(artifact, self._source)
        except DamagedState as damage:
            return Reached(frozenset(), frozenset(), "", damage.message)
        return Reached(frozenset(cells), frozenset(_parts(artifact)), artifact.type)


class _Looking:
    """The store as a source that is only looked at: what is packed stays so."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def buffer(self, cells: Sequence[bytes], /, *, writable: bool = False) -> memoryview:
        return self._store.peek(cells)

    def buffers(self, cells: Sequence[bytes], /) -> list[memoryview]:
        return [self._store.peek([cell]) for cell in cells]


def every_cell(artifact: Artifact, source: Source) -> list[bytes]:
    """All cells of a value, those of the files that it lists included. Raises DamagedState."""
    found = stored_cells(artifact)
    for listed in _with_listing(artifact):
        cells = digests(listed.manifest["listing"])
        for row in json.loads(str(source.buffer(cells), "utf-8")):
            found += digests(Entry.from_json(row).cells)
    return found


def _with_listing(artifact: Artifact) -> list[Artifact]:
    own = [artifact] if artifact.format in _LISTED else []
    return own + [listed for child in artifact.children.values() for listed in _with_listing(child)]


def _parts(artifact: Artifact) -> list[bytes]:
    return [digest for child in artifact.children.values() for digest in (child.digest, *_parts(child))]
