"""A database that is cut, overwritten or flipped: a clear error or a row less, never a wrong value."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_core.errors import DamagedState, MlopsError
from mlops_core.metadata import artifacts, records, runs
from mlops_core.metadata.database import Database

KEYS = [bytes([number]) * 16 for number in range(40)]


def _flags(key: bytes) -> str:
    return json.dumps({"k": key.hex()})


@pytest.fixture
def filled(
    tmp_path: Path, make_record: Callable[..., records.RecordRow], make_run: Callable[..., runs.RunRow]
) -> Path:
    """A folder whose database holds known rows and no WAL."""
    folder = tmp_path / "filled"
    db = Database.open(folder)
    with db.transaction() as tx:
        runs.start(tx, make_run("a"))
        for key in KEYS:
            records.add(tx, make_record(key, output=key[::-1], flags=_flags(key)))
            artifacts.add(tx, key, key.hex() * 4, "json/0", "str", 128)
    db.checkpoint()
    db.close()
    for part in ("-wal", "-shm"):
        (folder / f"mlops.db{part}").unlink()
    return folder


def _read(folder: Path) -> int:
    """Read everything; returns how many rows were there. Wrong ones fail the test."""
    db = Database.open(folder)
    try:
        there = 0
        for key in KEYS:
            for row in records.find(db, key):
                assert (row.key, row.flags) == (key, _flags(key))
                there += 1
            text = artifacts.get(db, key)
            assert text in {None, key.hex() * 4}
            there += text is not None
        run = runs.newest(db)
        assert run is None or (run.id, run.number, run.status) == ("a", 1, "running")
        return there + (run is not None)
    finally:
        db.close()


def _copy(filled: Path, name: str) -> Path:
    folder = filled.parent / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(filled, folder)
    return folder


def test_reading_it_undamaged(filled: Path) -> None:
    assert _read(filled) == 2 * len(KEYS) + 1


def test_cut_anywhere(filled: Path) -> None:
    whole = (filled / "mlops.db").read_bytes()
    lengths = {1, 15, 16, 50, 99, 100, 511, 512, 4095, len(whole) - 1, *range(4096, len(whole), 4096)}
    for length in sorted(lengths):
        folder = _copy(filled, "cut")
        (folder / "mlops.db").write_bytes(whole[:length])
        error = _damage(folder)
        if error is None:
            # SQLite does not see a cut inside the last page: it costs the rows that it hit.
            assert length > len(whole) - 4096
            assert _read(folder) < 2 * len(KEYS) + 1
            continue
        assert "mlops.db" in error.message
        assert "doctor" in error.hint or "MLOPS_STATE_DIR" in error.hint
        assert error.exit_status == 5


def _damage(folder: Path) -> DamagedState | None:
    try:
        _read(folder)
    except DamagedState as error:
        return error
    return None


def test_flipped_anywhere(filled: Path) -> None:
    whole = (filled / "mlops.db").read_bytes()
    dice = random.Random(20)
    outcomes = set()
    for place in [*range(100), *(dice.randrange(len(whole)) for _ in range(400))]:
        folder = _copy(filled, "flipped")
        flipped = bytearray(whole)
        flipped[place] ^= 1 << dice.randrange(8)
        (folder / "mlops.db").write_bytes(flipped)
        try:
            outcomes.add("whole" if _read(folder) == 2 * len(KEYS) + 1 else "less")
        except MlopsError as error:
            outcomes.add(error.code)
    assert {"whole", "less", "damaged"} <= outcomes


def test_garbage_is_moved_aside_and_replaced_on_demand(state: Path) -> None:
    state.mkdir()
    parts = {"mlops.db": b"garbage " * 1000, "mlops.db-wal": b"wal", "mlops.db-shm": b"shm"}
    for turn in (1, 2):
        for name, content in parts.items():
            (state / name).write_bytes(content)
        with pytest.raises(DamagedState, match="not a database"):
            Database.open(state)
        with pytest.raises(DamagedState):
            Database.open(state, readonly=True, rebuild=True)
        db = Database.open(state, rebuild=True)
        aside = state / "damaged" / f"mlops.db.{turn}"
        assert db.moved_aside == str(aside)
        assert (aside / "mlops.db").read_bytes() == parts["mlops.db"]
        assert {place.name for place in aside.iterdir()} >= {"mlops.db", "mlops.db-wal"}
        assert runs.listing(db) == (0, [])
        db.check()
        db.close()


def test_rebuilding_finds_damage_that_opening_does_not(filled: Path) -> None:
    file = filled / "mlops.db"
    whole = bytearray(file.read_bytes())
    whole[-4096:-4088] = b"\xaa" * 8
    file.write_bytes(whole)
    db = Database.open(filled)
    with pytest.raises(DamagedState):
        db.check()
    db.close()
    db = Database.open(filled, rebuild=True)
    assert db.moved_aside is not None
    assert runs.listing(db)[0] == 1, "what is whole is kept"
    db.close()


def test_rebuilding_leaves_a_good_file_alone(filled: Path) -> None:
    db = Database.open(filled, rebuild=True)
    assert db.moved_aside is None
    assert runs.listing(db)[0] == 1
    db.close()


def test_a_missing_column_is_damage(filled: Path) -> None:
    db = Database.open(filled)
    with db.transaction() as tx:
        tx.execute("DROP VIEW v_records")
        tx.execute("ALTER TABLE records RENAME COLUMN flags TO flogs")
    with pytest.raises(DamagedState, match="flags"):
        records.find(db, KEYS[0])
    with pytest.raises(DamagedState, match="columns"):
        db.check()
    db.close()


def test_an_open_database_moves_on_when_another_one_rebuilt(filled: Path) -> None:
    old = Database.open(filled)
    assert runs.listing(old)[0] == 1
    file = filled / "mlops.db"
    file.rename(filled / "mlops.db.away")
    file.write_bytes(b"x" * 5000)
    fresh = Database.open(filled, rebuild=True)
    with old.transaction() as tx:
        tx.execute("INSERT INTO code_parts VALUES (zeroblob(16), 'a', 'b', 'c')")
    assert fresh.query("SELECT label FROM code_parts") == [("a",)]
    assert runs.listing(old)[0] == 0
    old.close()
    fresh.close()
