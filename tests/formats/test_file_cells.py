"""Where files are cut: golden places, the same whatever is read at once, and few moved by what is put in."""

import io
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlops_core.engine._cuts import LEAST, MOST, USUAL, cut
from mlops_core.engine._hash import xxh3_128
from mlops_core.formats import file_cells
from mlops_core.formats.file_cells import put_file

CONTENT = np.random.default_rng(7).integers(0, 256, 40 * USUAL, np.uint8).tobytes()


def put(content: bytes, most: int = 1 << 30, expected: int | None = None) -> list[bytes]:
    """The cells of a file of which a read gives at most so many bytes."""
    stream = io.BytesIO(content)
    cells: list[bytes] = []

    def read_into(buffer: memoryview) -> int:
        return stream.readinto(buffer[:most])

    def sink(digest: bytes, pieces: tuple[memoryview, ...]) -> None:
        (data,) = map(bytes, pieces)
        assert xxh3_128(data) == digest
        cells.append(data)

    digests, size = put_file(read_into, len(content) if expected is None else expected, sink)
    assert b"".join(cells) == content
    assert size == len(content)
    assert digests == tuple(xxh3_128(cell).hex() for cell in cells)
    return cells


def test_golden_cuts() -> None:
    """Changing this invalidates every user's cache."""
    data = np.arange(1 << 20, dtype="<u4").tobytes()
    assert (LEAST, USUAL, MOST) == (65_536, 262_144, 1_048_576)
    assert [end for end, _ in cut(CONTENT, True)][:6] == [280128, 371890, 520039, 841304, 1129977, 1273202]
    assert [end for end, _ in cut(data, True)] == [
        310373,
        725221,
        1002406,
        1343691,
        1625677,
        1894854,
        2161966,
        2474890,
        2876874,
        3141580,
        3321947,
        3923420,
        4194304,
    ]
    assert [end for end, _ in cut(bytes(3 << 20), True)] == [1048576, 2097152, 3145728]


@pytest.mark.parametrize("length", [0, 1, LEAST - 1, LEAST, LEAST + 1, MOST, 5 * MOST, len(CONTENT)])
def test_cells_have_their_lengths(length: int) -> None:
    cells = put(CONTENT[:length])
    assert all(LEAST <= len(cell) <= MOST for cell in cells[:-1])
    assert len(cells) <= length // LEAST + 1
    assert all(len(cell) <= MOST for cell in cells)


def test_most_cells_are_about_as_long_as_usual() -> None:
    lengths = [len(cell) for cell in put(CONTENT)]
    assert 0.8 * USUAL < len(CONTENT) / len(lengths) < 1.4 * USUAL


@pytest.mark.parametrize("most", [50_000, LEAST, 3 * MOST + 7])
def test_the_reads_do_not_count(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = put(CONTENT)
    monkeypatch.setattr(file_cells, "BLOCK", 2 * MOST + 4096)
    assert put(CONTENT, most) == expected
    for size in (0, 100, 3 * MOST, 2 * len(CONTENT)):  # a file that changed since its size was asked for
        assert put(CONTENT, expected=size) == expected


@settings(deadline=None, max_examples=30)
@given(place=st.integers(0, len(CONTENT)), length=st.integers(0, 3000), removed=st.integers(0, 3000))
def test_what_is_put_in_moves_few_cells(place: int, length: int, removed: int) -> None:
    before = {digest for _, digest in cut(CONTENT, True)}
    changed = CONTENT[:place] + random.Random(length).randbytes(length) + CONTENT[place + removed :]
    start, new = 0, 0
    for end, digest in cut(changed, True):
        new += (end - start) * (digest not in before)
        start = end
    assert start == len(changed)
    assert new <= 4 * MOST


def test_what_is_not_the_last_is_cut_as_if_all_were_known() -> None:
    whole = cut(CONTENT, True)
    for known in (0, MOST - 1, MOST, 3 * MOST + 5, len(CONTENT) - 1):
        certain = cut(CONTENT[:known], False)
        assert certain == whole[: len(certain)]
        assert known - (certain[-1][0] if certain else 0) < MOST


def test_a_file_of_which_bytes_are_put_in_is_stored_by_the_difference(shelf: Any, tmp_path: Path) -> None:
    place = tmp_path / "made.bin"
    place.write_bytes(CONTENT)
    first = shelf.put(place, written=lambda path: True)
    size = sum(path.stat().st_size for path in (shelf.folder / "objects").iterdir())
    place.write_bytes(CONTENT[:3_000_000] + b"put in" + CONTENT[3_000_000:])
    second = shelf.put(place, written=lambda path: True)
    assert sum(path.stat().st_size for path in (shelf.folder / "objects").iterdir()) < size + 3 * USUAL
    assert shelf.take(first, folder=tmp_path / "1").read_bytes() == CONTENT
    assert shelf.take(second, folder=tmp_path / "2").read_bytes()[3_000_000:3_000_006] == b"put in"


def test_a_read_that_fails_ends_it() -> None:
    left = 0

    def read_into(buffer: memoryview) -> int:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError("gone")
        return buffer.nbytes

    for reads in (0, 1, 3):
        left = reads
        with pytest.raises(OSError, match="gone"):
            put_file(read_into, 1 << 30, lambda digest, pieces: None)
