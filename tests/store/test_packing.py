"""Packed cells are the same bytes in less room, and every damage of them is found."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_core.engine._hash import xxh3_128
from mlops_core.engine._pack import shuffle, unshuffle
from mlops_core.engine.cells import GrownRow
from mlops_core.errors import DamagedState, MissingCell
from mlops_core.store import Store
from mlops_core.store.coding import ZSTD, decoded, encoded

DOUBLES = np.linspace(0, 1, 40_000).round(4)
CONTENTS = [DOUBLES.tobytes(), np.arange(20_000, dtype="i4").tobytes(), b"text that says the same\n" * 300]
NOISE = np.random.default_rng(1).integers(0, 255, 10_000, np.uint8).tobytes()


@given(data=st.binary(max_size=3000), width=st.integers(1, 20))
def test_shuffled_bytes_come_back(data: bytes, width: int) -> None:
    shuffled = shuffle(data, width)
    whole = len(data) // width * width
    ranks = [data[rank:whole:width] for rank in range(width)]
    assert shuffled == b"".join(ranks) + data[whole:]
    assert unshuffle(shuffled, width) == data


@pytest.mark.parametrize("length", [0, 7, 8, 255 * 8, 256 * 8, 256 * 8 + 1, 1_000_003])
@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_shuffling_around_the_ends_of_blocks(length: int, width: int) -> None:
    data = np.random.default_rng(length).integers(0, 255, length, np.uint8)
    whole = data[: length // width * width]
    expected = whole.reshape(-1, width).T.tobytes() + data[len(whole) :].tobytes()
    assert shuffle(data, width) == expected
    assert unshuffle(expected, width) == data.tobytes()


def test_a_width_is_positive() -> None:
    with pytest.raises(ValueError, match="0 bytes"):
        shuffle(b"abc", 0)


def test_golden_coding() -> None:
    """Changing this invalidates every user's cache."""
    data = b"".join(n.to_bytes(8, "little") for n in range(1000))
    stored, coding = encoded(data)
    assert coding == ZSTD + 256 * 8
    assert decoded(stored, coding, len(data)) == data
    frame = bytes.fromhex("28b52ffd2008410000") + b"\0\0\0\0\1\0\0\0"
    assert decoded(frame + xxh3_128(frame)[:8], ZSTD, 8) == b"\0\0\0\0\1\0\0\0"
    assert decoded(frame + xxh3_128(frame)[:8], ZSTD + 256 * 4, 8) == b"\0\0\1\0\0\0\0\0"


def test_every_flipped_bit_of_a_packed_cell_is_found() -> None:
    stored, coding = encoded(CONTENTS[2])
    for position in range(len(stored)):
        for bit in range(8):
            data = bytearray(stored)
            data[position] ^= 1 << bit
            with pytest.raises(ValueError, match="packed cell"):
                decoded(bytes(data), coding, len(CONTENTS[2]))
    for length in range(len(stored)):
        with pytest.raises(ValueError, match="packed cell"):
            decoded(stored[:length], coding, len(CONTENTS[2]))


@pytest.mark.parametrize("coding", [2, 1 << 16 | 1])
def test_an_unknown_coding_is_refused(coding: int) -> None:
    with pytest.raises(ValueError, match="unknown"):
        decoded(b"x" * 20, coding, 10)


@pytest.fixture
def packed(tmp_path: Path, store: Store, index: Any, put: Callable[..., list[bytes]]) -> list[bytes]:
    """The digests of ``CONTENTS``, packed, and nothing else in the store."""
    digests = put(*CONTENTS)
    done = store.upkeep().pack([index.cells[digest] for digest in digests])
    index.record(done.written)
    done.writer.release()
    assert done.written.segment is not None
    store.upkeep().sweep({done.written.segment.id})
    return digests


def files(folder: Path) -> list[Path]:
    return list((folder / "objects").iterdir())


def test_packed_cells_take_less_and_are_unpacked_once(
    tmp_path: Path, store: Store, index: Any, packed: list[bytes]
) -> None:
    (file,) = files(tmp_path)
    assert file.stat().st_size < sum(map(len, CONTENTS)) // 4
    status = store.status()
    assert status.packed < status.bytes
    assert status.unpacked == sum(map(len, CONTENTS))
    assert not store.check(file.stem).faults
    store.ensure(packed)
    assert all(map(store.holds, packed))
    assert files(tmp_path) == [file]
    assert bytes(store.buffer(packed[:1])) == CONTENTS[0]
    assert [index.cells[digest].coding > 0 for digest in packed] == [False, True, True]
    assert [bytes(view) for view in store.buffers(packed)] == CONTENTS
    assert [index.cells[digest].coding for digest in packed] == [0, 0, 0]
    assert len(files(tmp_path)) == 3
    assert bytes(store.buffer(packed, writable=True)) == b"".join(CONTENTS)
    assert not store.buffer(packed[:1]).obj.copied
    assert len(files(tmp_path)) == 3


def test_looking_unpacks_nothing(tmp_path: Path, store: Store, index: Any, packed: list[bytes]) -> None:
    before = dict(index.cells)
    assert bytes(store.peek(packed)) == b"".join(CONTENTS)
    assert len(files(tmp_path)) == 1
    assert index.cells == before


def test_an_index_that_takes_nothing_is_no_obstacle(
    tmp_path: Path, store: Store, index: Any, packed: list[bytes]
) -> None:
    index.readonly = True
    assert bytes(store.buffer(packed)) == b"".join(CONTENTS)
    assert [bytes(view) for view in store.buffers(packed)] == CONTENTS
    assert len(files(tmp_path)) == 1


def test_a_disk_that_refuses_is_no_obstacle(
    tmp_path: Path, index: Any, packed: list[bytes], failing_layer: Any
) -> None:
    calls = failing_layer()
    Store(tmp_path, index.copy(), layer=calls).buffer(packed)
    for number in range(len(calls.calls)):
        store = Store(tmp_path, index.copy(), layer=failing_layer(number))
        assert bytes(store.buffer(packed)) == b"".join(CONTENTS)
    assert os.listdir(tmp_path / "tmp") == []


def test_what_does_not_get_smaller_stays(store: Store, index: Any, put: Callable[..., list[bytes]]) -> None:
    digests = put(NOISE, CONTENTS[0])
    done = store.upkeep().pack([index.cells[digest] for digest in digests])
    assert [cell.digest for cell in done.written.cells] == digests[1:]
    done.writer.release()
    none = store.upkeep().pack([index.cells[digests[0]]])
    assert (none.written.segment, none.damaged) == (None, frozenset())
    none.writer.release()


def test_a_damaged_packed_cell_is_named_and_written_anew(
    tmp_path: Path, store: Store, index: Any, packed: list[bytes], put: Callable[..., list[bytes]]
) -> None:
    (file,) = files(tmp_path)
    file.chmod(0o600)
    data = bytearray(file.read_bytes())
    data[index.cells[packed[1]].offset + 20] ^= 1
    file.write_bytes(data)
    assert len(store.check(file.stem).faults) == 1
    with pytest.raises(DamagedState) as caught:
        store.buffer(packed)
    assert caught.value.cell == packed[1]
    with pytest.raises(MissingCell):
        store.buffer(packed)
    put(*CONTENTS)
    assert bytes(store.buffer(packed)) == b"".join(CONTENTS)


def test_damage_below_an_unchanged_signature_is_found_when_unpacking(
    tmp_path: Path, store: Store, index: Any, packed: list[bytes]
) -> None:
    row = index.cells[packed[1]]
    index.cells[packed[1]] = row._replace(offset=row.offset + 8)
    with pytest.raises(DamagedState):
        store.buffer(packed)
    assert index.forgotten == [packed[1]]


def test_grown_cells_are_unpacked_by_their_parts(
    tmp_path: Path, store: Store, index: Any, put: Callable[..., list[bytes]]
) -> None:
    (first,) = put(CONTENTS[0][:200_000])
    (second,) = put(CONTENTS[0])
    assert isinstance(index.cells[second], GrownRow)
    rows = [row for row in index.cells.values() if not isinstance(row, GrownRow)]
    done = store.upkeep().pack(rows)
    index.record(done.written)
    done.writer.release()
    assert bytes(store.peek([second])) == CONTENTS[0]
    assert bytes(store.buffer([second])) == CONTENTS[0]
    assert bytes(store.buffer([first])) == CONTENTS[0][:200_000]
    assert isinstance(index.cells[second], GrownRow)


def test_packed_cells_move_as_they_are(tmp_path: Path, store: Store, index: Any, packed: list[bytes]) -> None:
    done = store.upkeep().rewrite([index.cells[digest] for digest in packed[:2]])
    assert [(row.stored, row.coding) for row in done.written.cells] == [
        (index.cells[digest].stored, index.cells[digest].coding) for digest in packed[:2]
    ]
    index.record(done.written)
    done.writer.release()
    assert bytes(store.buffer(packed)) == b"".join(CONTENTS)


def test_every_flipped_byte_and_every_cut_of_a_packed_segment_is_found(
    tmp_path: Path, store: Store, index: Any, put: Callable[..., list[bytes]]
) -> None:
    digests = put(CONTENTS[2], b"other words " * 500)
    done = store.upkeep().pack([index.cells[digest] for digest in digests])
    index.record(done.written)
    done.writer.release()
    path = tmp_path / "objects" / f"{done.written.segment.id}.segment"  # type: ignore[union-attr]
    path.chmod(0o600)
    whole = path.read_bytes()
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        assert store.check(path.stem).faults, position
        path.write_bytes(whole[:position])
        assert store.check(path.stem).faults, position
    path.write_bytes(whole)
    assert not store.check(path.stem).faults
