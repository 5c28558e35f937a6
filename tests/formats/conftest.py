"""A store on disk with an index in memory, and saving and loading through it as execution does."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mlops_core.engine.cells import CellRow, GrownRow, SegmentRow
from mlops_core.fingerprints.embedded import Embedded
from mlops_core.fingerprints.values import value_fingerprint
from mlops_core.formats import Artifact, from_json, load, save, to_json
from mlops_core.store import Store, Written


class MemoryIndex:
    """A CellIndex that forgets with the process."""

    def __init__(self) -> None:
        self.cells: dict[bytes, CellRow | GrownRow | bytes] = {}
        self.readonly = False
        self.segments: dict[str, SegmentRow] = {}

    def find(self, cells: Sequence[bytes]) -> dict[bytes, CellRow | GrownRow | bytes]:
        return {cell: self.cells[cell] for cell in cells if cell in self.cells}

    def alike(self, head: int) -> list[bytes]:
        rows = [row for row in self.cells.values() if not isinstance(row, bytes) and row.head == head]
        return [row.digest for row in rows[:-5:-1]]

    def moved(self, written: Written) -> None:
        self.record(written)

    def segment(self, segment: str) -> SegmentRow:
        return self.segments[segment]

    def verified(self, segment: str, signature: tuple[int, int, int, int]) -> None:
        self.segments[segment] = SegmentRow(segment, signature[0], signature)

    def forget(self, cells: Iterable[bytes], segment: str | None = None) -> None:
        for cell in cells:
            self.cells.pop(cell, None)

    def record(self, written: Written) -> None:
        if written.segment is not None:
            self.segments[written.segment.id] = written.segment
        self.cells.update({cell.digest: cell for cell in written.cells})
        self.cells.update(dict(written.small))
        self.cells.update({row.digest: row for row in written.grown})


class Shelf:
    """Puts values away and takes them out; an artifact goes through its JSON text in between."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = MemoryIndex()
        self.store = Store(folder, self.index)

    def put(self, value: object, written: Callable[[Path], bool] | None = None) -> Artifact:
        with self.store.writer() as writer:
            artifact = save(value, writer, value_fingerprint, embed=Embedded, written=written)
            self.index.record(writer.commit())
        return from_json(artifact.digest, to_json(artifact))

    def take(self, artifact: Artifact, **options: Any) -> Any:
        return load(artifact, self.store, **options)

    def there_and_back(self, value: object, format: str) -> Any:
        """What comes back, after checking its format, its fingerprint, and that each load is fresh."""
        artifact = self.put(value)
        assert artifact.format == format
        loaded = self.take(artifact)
        assert value_fingerprint(loaded).digest == artifact.digest == value_fingerprint(value).digest
        return loaded


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "state")
