"""What comes out is what went in, in writes that end where the system's largest pages end."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_core.engine._hash import xxh3_128
from mlops_core.files.layer import FileLayer
from mlops_core.store import appender
from mlops_core.store.appender import Appender

BLOCK = 16


class WatchedLayer(FileLayer):
    """Keeps what was written, write by write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def write(self, descriptor: int, pieces: Sequence[bytes | memoryview]) -> None:
        self.writes.append(b"".join(pieces))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appender, "BLOCK", BLOCK)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.binary(max_size=50), max_size=4), max_size=8))
def test_all_bytes_arrive_in_blocks(small_blocks: None, batches: list[list[bytes]]) -> None:
    layer = WatchedLayer()
    file = Appender(-1, layer)
    ends = []
    for pieces in batches:
        file.append(pieces)
        ends.append(file.end)
    file.flush()

    content = b"".join(piece for pieces in batches for piece in pieces)
    assert b"".join(layer.writes) == content
    assert ends == [sum(len(p) for pieces in batches[: n + 1] for p in pieces) for n in range(len(batches))]
    assert all(len(write) == BLOCK for write in layer.writes[:-1])


def test_a_piece_may_change_after_it_was_appended(small_blocks: None) -> None:
    layer = WatchedLayer()
    file = Appender(-1, layer)
    piece = bytearray(b"before")
    file.append([memoryview(piece)])
    piece[:] = b"after."
    file.flush()

    assert layer.writes == [b"before"]


def test_flushing_nothing_writes_nothing(small_blocks: None) -> None:
    layer = WatchedLayer()
    Appender(-1, layer).flush()

    assert layer.writes == []


def test_a_large_cell_reaches_the_file_as_it_is(tmp_path: Path, store: Any, index: Any) -> None:
    cells = [bytes([number]) * (1 << 20) for number in range(5)]
    with store.writer() as writer:
        for cell in cells:
            writer(xxh3_128(cell), (memoryview(cell),))
        index.record(writer.commit())

    assert store.buffer([xxh3_128(cell) for cell in cells]) == b"".join(cells)
