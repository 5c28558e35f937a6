"""An index in memory, a store over it, and a disk that fails when told to."""

import errno
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from mlops_core.engine._hash import xxh3_128
from mlops_core.engine.cells import CellRow, GrownRow, SegmentRow
from mlops_core.files.layer import FileLayer
from mlops_core.store import Store, Written

NEVER = (0, 0, 0, 0)


class MemoryIndex:
    """A CellIndex that forgets with the process."""

    def __init__(self) -> None:
        self.cells: dict[bytes, CellRow | GrownRow | bytes] = {}
        self.readonly = False
        self.rows: dict[str, SegmentRow] = {}
        self.forgotten: list[bytes] = []
        self.verifications: list[str] = []

    def find(self, cells: Sequence[bytes]) -> dict[bytes, CellRow | GrownRow | bytes]:
        return {cell: self.cells[cell] for cell in cells if cell in self.cells}

    def alike(self, head: int) -> list[bytes]:
        rows = [row for row in self.cells.values() if not isinstance(row, bytes) and row.head == head]
        return [row.digest for row in rows[:-5:-1]]

    def moved(self, written: Written) -> None:
        self.record(written)

    def segment(self, segment: str) -> SegmentRow:
        return self.rows[segment]

    def verified(self, segment: str, signature: tuple[int, int, int, int]) -> None:
        self.verifications.append(segment)
        self.rows[segment] = SegmentRow(segment, signature[0], signature)

    def forget(self, cells: Iterable[bytes], segment: str | None = None) -> None:
        for cell in cells:
            row = self.cells.get(cell)
            if segment is None or (isinstance(row, CellRow) and row.segment == segment):
                self.cells.pop(cell, None)
                self.forgotten.append(cell)

    def record(self, written: Written) -> None:
        """What the caller of ``commit`` does in its transaction."""
        if written.segment is not None:
            self.rows[written.segment.id] = written.segment
        self.cells.update({cell.digest: cell for cell in written.cells})
        self.cells.update(dict(written.small))
        self.cells.update({row.digest: row for row in written.grown})

    def distrust(self) -> None:
        """As if every file's stat signature had changed."""
        self.rows = {name: row._replace(signature=NEVER) for name, row in self.rows.items()}

    def copy(self) -> "MemoryIndex":
        other = MemoryIndex()
        other.cells, other.rows = dict(self.cells), dict(self.rows)
        return other


class FailingLayer(FileLayer):
    """The disk, but call number ``fails_at`` raises; ``calls`` says what was asked of it."""

    def __init__(self, fails_at: int = -1) -> None:
        self.calls: list[str] = []
        self.fails_at = fails_at

    def _count(self, name: str) -> None:
        self.calls.append(name)
        if len(self.calls) - 1 == self.fails_at:
            raise OSError(errno.ENOSPC, f"no space left ({name})")

    def create(self, path: str, mode: int = 0o600) -> int:
        self._count("create")
        return super().create(path, mode)

    def write(self, descriptor: int, pieces: Sequence[bytes | memoryview]) -> None:
        self._count("write")
        super().write(descriptor, pieces)

    def protect(self, descriptor: int, mode: int) -> None:
        self._count("protect")
        super().protect(descriptor, mode)

    def sync(self, descriptor: int) -> None:
        self._count("sync")
        super().sync(descriptor)

    def rename(self, source: str, destination: str) -> None:
        self._count("rename")
        super().rename(source, destination)

    def sync_folder(self, path: str) -> None:
        self._count("sync_folder")
        super().sync_folder(path)


@pytest.fixture
def index() -> MemoryIndex:
    return MemoryIndex()


@pytest.fixture
def index_class() -> type[MemoryIndex]:
    return MemoryIndex


@pytest.fixture
def store(tmp_path: Path, index: MemoryIndex) -> Store:
    return Store(tmp_path, index)


@pytest.fixture
def failing_layer() -> type[FailingLayer]:
    return FailingLayer


@pytest.fixture
def put(store: Store, index: MemoryIndex) -> Callable[..., list[bytes]]:
    """Write contents as one batch and record it; gives their digests."""

    def write(*contents: bytes) -> list[bytes]:
        with store.writer() as writer:
            digests = [xxh3_128(content) for content in contents]
            for digest, content in zip(digests, contents, strict=True):
                writer(digest, (memoryview(content),))
            index.record(writer.commit())
        return digests

    return write
