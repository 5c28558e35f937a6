"""A WAL that is damaged in the middle is told from one whose end was never written."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_core.metadata import records, wal
from mlops_core.metadata.database import Database

FRAME, HEADER = 24 + 4096, 32


@pytest.fixture
def written(state: Path, make_record: Callable[..., records.RecordRow]) -> Path:
    """A state folder whose WAL holds many commits."""
    db = Database.open(state)
    with db.transaction() as tx:
        for number in range(60):
            records.add(tx, make_record(bytes([100, number]) * 8, trace_json="[" + " " * 3000 + "]"))
    for number in range(12):
        with db.transaction() as tx:
            records.add(tx, make_record(bytes([200, number]) * 8))
    db.close()
    return state


def _with(state: Path, data: bytes) -> str:
    (state / "mlops.db-wal").write_bytes(data)
    return wal.damage(str(state / "mlops.db"))


def test_a_sound_one(written: Path, tmp_path: Path) -> None:
    assert wal.damage(str(written / "mlops.db")) == ""
    assert wal.damage(str(tmp_path / "nowhere.db")) == ""


def test_flips_before_the_last_frame_are_found(written: Path) -> None:
    data = (written / "mlops.db-wal").read_bytes()
    frames = (len(data) - HEADER) // FRAME
    assert frames > 20
    dice = random.Random(7)
    places = [*range(0, HEADER, 5), *(dice.randrange(HEADER, len(data) - 2 * FRAME) for _ in range(40))]
    # Every field of a frame's header, too: page, size, salts, checksum.
    places += [HEADER + 5 * FRAME + place for place in range(24)]
    for place in places:
        flipped = bytearray(data)
        flipped[place] ^= 1 << dice.randrange(8)
        found = _with(written, bytes(flipped))
        if place < HEADER:
            assert "header" in found, place
        else:
            frame = (place - HEADER) // FRAME
            # A flipped checksum shows in the frame that continues it.
            assert f"at frame {frame + 1}:" in found or f"at frame {frame + 2}:" in found, place


def test_an_end_that_was_not_written_is_no_damage(written: Path) -> None:
    data = (written / "mlops.db-wal").read_bytes()
    for length in range(0, len(data), 9001):
        assert _with(written, data[:length]) == ""
    torn = bytearray(data)
    torn[-1000:] = bytes(1000)
    assert _with(written, bytes(torn)) == ""


def test_what_older_commits_left_behind_is_no_damage(
    written: Path, make_record: Callable[..., records.RecordRow]
) -> None:
    """After a checkpoint SQLite writes from the beginning again; behind the new frames lie old ones."""
    db = Database.open(written)
    with db.transaction():
        pass
    connection = db.writer._connection
    assert connection is not None
    connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()
    before = (written / "mlops.db-wal").stat().st_size
    with db.transaction() as tx:
        records.add(tx, make_record(b"n" * 16))
    assert (written / "mlops.db-wal").stat().st_size == before
    assert wal.damage(db.path) == ""
    db.close()
