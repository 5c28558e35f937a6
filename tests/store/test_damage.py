"""Damage is found and named, never served, never a crash, and the evidence stays."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_core.engine.cells import CellRow
from mlops_core.errors import DamagedState, MissingCell
from mlops_core.store import Store

BIG = [b"".join(n.to_bytes(4, "little") for n in range(start, start + 1100)) for start in (0, 5000)]


@pytest.fixture
def segment(put: Callable[..., Any], tmp_path: Path) -> Path:
    put(*BIG)
    (path,) = (tmp_path / "objects").iterdir()
    path.chmod(0o600)
    return path


def outcome(store: Store, cell: bytes, expected: bytes) -> str:
    """``right`` or the error; anything else than the right bytes fails here."""
    try:
        data = bytes(store.buffer([cell]))
    except DamagedState as error:
        named = error.cell == cell and cell.hex() in str(error)
        return type(error).__name__ if named else "an error that names another cell"
    return "right" if data == expected else "a wrong value"


def test_every_flipped_byte_is_found(tmp_path: Path, segment: Path, index: Any) -> None:
    whole = segment.read_bytes()
    cells = {cell: bytes(Store(tmp_path, index).buffer([cell])) for cell in index.cells}
    index.distrust()
    for position, byte in enumerate(whole):
        with segment.open("r+b", buffering=0) as stream:
            os.pwrite(stream.fileno(), bytes([byte ^ 0xFF]), position)
            known = index.copy()
            store = Store(tmp_path, known)
            assert store.check(segment.stem).faults, position
            outcomes = {cell: outcome(store, cell, data) for cell, data in cells.items()}
            hit = {c for c, r in index.cells.items() if r.offset <= position < r.offset + r.length}
            # The check of the whole segment takes a damaged cell out of the index: after that it is missing.
            found = {cell: "right" if what == "right" else "found" for cell, what in outcomes.items()}
            assert found == {cell: "found" if cell in hit else "right" for cell in cells}
            assert set(outcomes.values()) <= {"right", "DamagedState", "MissingCell"}
            assert set(known.forgotten) == hit
            os.pwrite(stream.fileno(), bytes([byte]), position)
    assert segment.read_bytes() == whole


def test_cut_at_every_length(tmp_path: Path, segment: Path, index: Any) -> None:
    whole = segment.read_bytes()
    cells = {cell: bytes(Store(tmp_path, index).buffer([cell])) for cell in index.cells}
    for length in reversed(range(len(whole))):
        os.truncate(segment, length)
        known = index.copy()
        store = Store(tmp_path, known)
        assert store.check(segment.stem).faults, length
        for cell, data in cells.items():
            row = index.cells[cell]
            whole_cell = row.offset + row.length <= length
            assert outcome(store, cell, data) == ("right" if whole_cell else "DamagedState")
    assert segment.exists()


def test_a_grown_file_is_found(tmp_path: Path, segment: Path, index: Any, store: Store) -> None:
    with segment.open("ab") as stream:
        stream.write(b"\0" * 100)
    assert store.check(segment.stem).faults
    for cell in list(index.cells):
        assert store.buffer([cell]).nbytes == 4400


def test_an_unchanged_file_is_not_read_again(segment: Path, store: Store, index: Any) -> None:
    cells = list(index.cells)
    index.distrust()
    store.buffer(cells)
    assert index.verifications == [segment.stem]
    store.buffer(cells)
    assert index.verifications == [segment.stem]


def test_a_copied_store_is_verified_once(tmp_path: Path, segment: Path, index: Any) -> None:
    copy = tmp_path / "copy" / "objects"
    copy.mkdir(parents=True)
    (copy / segment.name).write_bytes(segment.read_bytes())
    store = Store(tmp_path / "copy", index)
    assert bytes(store.buffer(list(index.cells))) == b"".join(BIG)
    assert index.verifications == [segment.stem]
    assert index.forgotten == []


def test_a_file_under_a_wrong_name_is_no_segment(tmp_path: Path, segment: Path, store: Store) -> None:
    other = segment.with_name("0" * 32 + ".segment")
    segment.rename(other)
    assert store.check("0" * 32).faults == ("the table does not match its digest",)


def test_a_damaged_cell_is_written_anew_and_the_evidence_stays(
    tmp_path: Path, segment: Path, index: Any, store: Store, put: Callable[..., list[bytes]]
) -> None:
    first, second = list(index.cells)
    index.distrust()
    with segment.open("r+b") as stream:
        stream.seek(index.cells[first].offset)
        stream.write(b"XX")
    with pytest.raises(DamagedState) as caught:
        store.buffer([first, second])
    assert (caught.value.cell, caught.value.segment) == (first, segment.stem)
    assert bytes(store.buffer([second])) == BIG[1]
    damaged = segment.read_bytes()
    put(*BIG)
    assert bytes(store.buffer([first, second])) == b"".join(BIG)
    assert segment.read_bytes() == damaged


def test_a_writer_does_not_count_on_a_damaged_cell(
    segment: Path, index: Any, store: Store, put: Callable[..., list[bytes]]
) -> None:
    os.truncate(segment, 5000)
    put(*BIG)
    assert bytes(store.buffer(list(index.cells))) == b"".join(BIG)


def test_a_damaged_file_of_the_same_content_is_set_aside(
    tmp_path: Path, segment: Path, index: Any, store: Store, put: Callable[..., list[bytes]]
) -> None:
    os.truncate(segment, 5000)
    damaged = segment.read_bytes()
    index.cells.clear()
    digests = put(*BIG)
    assert bytes(store.buffer(digests)) == b"".join(BIG)
    assert not store.check(segment.stem).faults
    assert [path.read_bytes() for path in (tmp_path / "damaged").iterdir()] == [damaged]
    assert store.status().damaged == 1


def test_a_missing_file_is_a_missing_cell(
    segment: Path, index: Any, store: Store, put: Callable[..., list[bytes]]
) -> None:
    cells = list(index.cells)
    segment.unlink()
    with pytest.raises(MissingCell, match=segment.stem) as caught:
        store.buffer(cells)
    assert caught.value.cell == cells[0]
    put(*BIG)
    assert bytes(store.buffer(cells)) == b"".join(BIG)


def test_a_damaged_small_cell_is_found(put: Callable[..., list[bytes]], index: Any, store: Store) -> None:
    (cell,) = put(b"small")
    index.cells[cell] = b"smalL"
    assert not store.holds(cell)
    with pytest.raises(DamagedState, match=cell.hex()):
        store.buffer([cell])
    put(b"small")
    assert bytes(store.buffer([cell])) == b"small"


def test_a_row_that_points_beyond_its_file_is_damage(segment: Path, index: Any, store: Store) -> None:
    cell = next(iter(index.cells))
    index.cells[cell] = CellRow(cell, segment.stem, 1 << 40, 4400)
    with pytest.raises(DamagedState):
        store.buffer([cell])


def test_a_wrong_row_is_found_when_the_segment_is_checked(segment: Path, index: Any, store: Store) -> None:
    first, second = list(index.cells)
    index.cells[first] = index.cells[second]._replace(digest=first)
    index.distrust()
    with pytest.raises(DamagedState):
        store.buffer([first])
