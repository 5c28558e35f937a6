"""A value used again is not looked up again, and never served when its file is not as it was."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mlops_core.errors import DamagedState, MissingCell
from mlops_core.store import Store, recent

BIG = [b"".join(n.to_bytes(4, "little") for n in range(start, start + 1100)) for start in (0, 5000)]


@pytest.fixture
def cells(put: Callable[..., list[bytes]]) -> list[bytes]:
    return list(put(*BIG))


@pytest.fixture
def asked(index: Any, monkeypatch: pytest.MonkeyPatch) -> list[Sequence[bytes]]:
    """What the index was asked for."""
    asked: list[Sequence[bytes]] = []
    find = index.find

    def watched(cells: Sequence[bytes]) -> Any:
        asked.append(cells)
        return find(cells)

    monkeypatch.setattr(index, "find", watched)
    return asked


def the_segment(folder: Path) -> Path:
    (path,) = (folder / "objects").iterdir()
    return path


def test_the_index_is_asked_once(store: Store, cells: list[bytes], asked: list[Sequence[bytes]]) -> None:
    for _ in range(3):
        store.ensure(cells)
        assert bytes(store.buffer(cells)) == b"".join(BIG)
    assert len(asked) == 1
    assert bytes(store.buffer(cells[::-1])) == b"".join(BIG[::-1])
    assert len(asked) == 2


def test_a_segment_that_was_changed_since_is_checked(
    tmp_path: Path, store: Store, cells: list[bytes]
) -> None:
    store.buffer(cells)
    path = the_segment(tmp_path)
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[data.index(BIG[0])] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(1, 1))
    with pytest.raises(DamagedState):
        store.buffer(cells)


def test_a_segment_that_is_gone_is_missed(tmp_path: Path, store: Store, cells: list[bytes]) -> None:
    store.ensure(cells)
    the_segment(tmp_path).unlink()
    with pytest.raises(MissingCell):
        store.ensure(cells)


def test_little_is_remembered(
    store: Store, cells: list[bytes], asked: list[Sequence[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recent, "_MOST_CELLS", 1)
    for cell in (cells[0], cells[1], cells[0]):
        store.ensure([cell])
    assert len(asked) == 3
