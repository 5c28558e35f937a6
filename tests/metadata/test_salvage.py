"""What is whole in a damaged database goes into the new one; the damaged file stays as evidence."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_core.engine._hash import xxh3_128
from mlops_core.metadata import artifacts, aside, code_parts, lineage, records, runs, step_runs
from mlops_core.metadata.database import Database
from mlops_core.metadata.salvage import Salvaged, salvage
from mlops_core.metadata.schema import current

KEYS = [number.to_bytes(16, "big") for number in range(1, 401)]
PAGE = 4096


@pytest.fixture
def filled(
    tmp_path: Path,
    make_record: Callable[..., records.RecordRow],
    make_run: Callable[..., runs.RunRow],
    make_step_run: Callable[..., step_runs.StepRunRow],
) -> Path:
    """A state folder with 40 runs and 400 records over many pages, and no WAL."""
    folder = tmp_path / "filled"
    db = Database.open(folder)
    with db.transaction() as tx:
        for number in range(40):
            runs.start(tx, make_run(f"run-{number}", params_json="{" + " " * 500 + "}"))
            step_runs.add(tx, make_step_run(f"run-{number}", reasons_json="[" + " " * 300 + "]"))
            lineage.add_edges(tx, f"run-{number}", "train", [], KEYS[number])
        for key in KEYS:
            records.add(tx, make_record(key, output=key[::-1], trace_json="[" + " " * 200 + "]"))
            artifacts.add(tx, key[::-1], "{" + " " * 100 + "}", "json/0", "str", 128)
            small = key * 20
            tx.execute("INSERT INTO small_cells VALUES (?, ?)", (xxh3_128(small), small))
        code_parts.add(tx, [(KEYS[0], "a.py:f", "a.py", "def f(): ...")])
    db.checkpoint()
    db.close()
    for part in ("-wal", "-shm"):
        (folder / f"mlops.db{part}").unlink()
    return folder


def _open(folder: Path) -> Database:
    return Database.open(folder, rebuild=True)


def _counts(db: Database) -> dict[str, int]:
    tables = ("runs", "step_runs", "records", "artifacts", "small_cells", "lineage", "code_parts")
    return {table: int(db.query(f"SELECT count(*) FROM {table}")[0][0]) for table in tables}


def _pages_of(folder: Path, table: str) -> list[int]:
    """The leaf pages (from 1) whose content is only in this table: found by what is written in their rows."""
    data = (folder / "mlops.db").read_bytes()
    with sqlite3.connect(folder / "mlops.db") as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    connection.close()
    return _pages_below(data, int(root))


def _pages_below(data: bytes, root: int) -> list[int]:
    waiting, leaves = [root], []
    while waiting:
        page = waiting.pop()
        begin = (page - 1) * PAGE
        start = begin + (100 if page == 1 else 0)
        kind, cells = data[start], int.from_bytes(data[start + 3 : start + 5], "big")
        if kind == 13:
            leaves.append(page)
            continue
        assert kind == 5
        pointers = [
            int.from_bytes(data[start + 12 + 2 * n : start + 14 + 2 * n], "big") for n in range(cells)
        ]
        waiting += [int.from_bytes(data[begin + p : begin + p + 4], "big") for p in pointers]
        waiting.append(int.from_bytes(data[start + 8 : start + 12], "big"))
    return sorted(leaves)


def _spoil(folder: Path, *pages: int) -> None:
    with (folder / "mlops.db").open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * PAGE)
            file.write(b"\xaa" * PAGE)


def test_a_spoiled_page_costs_its_rows_only(filled: Path) -> None:
    pages = _pages_of(filled, "records")
    assert len(pages) > 20
    _spoil(filled, pages[7], pages[12], pages[-1])
    before = (filled / "mlops.db").read_bytes()
    db = _open(filled)
    counts = _counts(db)
    assert 300 < counts.pop("records") < 400
    assert counts == {
        "runs": 40, "step_runs": 40, "artifacts": 400, "small_cells": 400, "lineage": 40, "code_parts": 1,
    }  # fmt: skip
    assert db.salvaged is not None
    assert db.salvaged.runs == 40
    assert db.salvaged.records + db.salvaged.lost_records >= 380, "all but those of the last page are counted"
    for key in KEYS:
        for row in records.find(db, key):
            assert row.output == key[::-1]
    assert db.moved_aside is not None
    assert (Path(db.moved_aside) / "mlops.db").read_bytes() == before
    db.check()
    db.close()


def _schema_leaves(folder: Path) -> list[int]:
    return _pages_below((folder / "mlops.db").read_bytes(), 1)


def test_without_the_schema_the_rows_are_read_all_the_same(filled: Path) -> None:
    """The first page and every other page of the schema: SQLite itself can read nothing any more."""
    leaves = _schema_leaves(filled)
    assert len(leaves) > 1, "the schema takes more than one page"
    _spoil(filled, 1, *leaves)
    db = _open(filled)
    assert _counts(db) == {
        "runs": 40, "step_runs": 40, "records": 400, "artifacts": 400, "small_cells": 400, "lineage": 40,
        "code_parts": 1,
    }  # fmt: skip
    assert db.salvaged == Salvaged(40, 400)
    db.check()
    db.close()
    assert [path.name for path in filled.iterdir() if "salvage" in path.name] == []


def test_steps_of_a_lost_run_go_with_it(filled: Path) -> None:
    _spoil(filled, _pages_of(filled, "runs")[0])
    db = _open(filled)
    counts = _counts(db)
    assert 0 < counts["runs"] < 40
    assert counts["step_runs"] == counts["lineage"] == counts["runs"]
    assert counts["records"] == 400
    assert db.salvaged is not None
    assert db.salvaged.lost_runs == 40 - counts["runs"]
    with db.transaction() as tx:
        row = runs.listing(db)[1][0]
        assert runs.start(tx, row._replace(id="next")) == 41
    db.close()


def test_every_page_spoiled_in_turn(filled: Path, tmp_path: Path) -> None:
    """Whatever page it is: what is there afterwards is right, and it costs little."""
    whole = (filled / "mlops.db").read_bytes()
    kept = []
    for page in range(1, len(whole) // PAGE + 1, 7):
        folder = tmp_path / f"page-{page}"
        folder.mkdir()
        (folder / "mlops.db").write_bytes(whole)
        _spoil(folder, page)
        db = _open(folder)
        for key in KEYS[::17]:
            assert [row.output for row in records.find(db, key)] in ([key[::-1]], [])
        kept.append(sum(_counts(db).values()))
        db.check()
        db.close()
    assert min(kept) > 1000


def test_cut_at_every_page(filled: Path, tmp_path: Path) -> None:
    whole = (filled / "mlops.db").read_bytes()
    pages = len(whole) // PAGE
    for page in range(0, pages, 5):
        folder = tmp_path / f"cut-{page}"
        folder.mkdir()
        (folder / "mlops.db").write_bytes(whole[: page * PAGE + 100 * (page % 2)])
        db = _open(folder)
        for key in KEYS[::17]:
            assert [row.output for row in records.find(db, key)] in ([key[::-1]], [])
        db.check()
        db.close()


def test_flips_leave_only_rows_that_are_right(filled: Path, tmp_path: Path) -> None:
    whole, dice = (filled / "mlops.db").read_bytes(), random.Random(4)
    target = tmp_path / "damaged.db"
    for turn in range(25):
        flipped = bytearray(whole)
        for _ in range(30):
            flipped[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
        target.write_bytes(flipped)
        fresh = tmp_path / f"fresh-{turn}.db"
        salvage(str(target), str(fresh), current())
        with sqlite3.connect(fresh) as connection:
            for key, output in connection.execute("SELECT key, output FROM records"):
                assert output == key[::-1]
        connection.close()


def test_what_the_wal_holds_is_kept(filled: Path, make_record: Callable[..., records.RecordRow]) -> None:
    db = Database.open(filled)
    with db.transaction() as tx:
        records.add(tx, make_record(b"w" * 16))
    db.close()
    assert (filled / "mlops.db-wal").stat().st_size > 0
    _spoil(filled, _pages_of(filled, "step_runs")[1])
    db = _open(filled)
    assert db.salvaged is not None
    assert db.salvaged.records == 401
    assert len(records.find(db, b"w" * 16)) == 1
    db.close()


@pytest.mark.parametrize("part", ["-wal", "-shm"])
def test_a_flipped_wal_or_index_of_it_costs_the_last_commits_at_most(
    filled: Path, tmp_path: Path, make_record: Callable[..., records.RecordRow], part: str
) -> None:
    db = Database.open(filled)
    for number in range(20):
        with db.transaction() as tx:
            records.add(tx, make_record(bytes([200, number]) * 8))
    db.close()
    parts = {name: (filled / name).read_bytes() for name in ("mlops.db", "mlops.db-wal", "mlops.db-shm")}
    dice, outcomes = random.Random(5), set()
    for turn in range(40):
        folder = tmp_path / f"turn-{turn}"
        folder.mkdir()
        for name, content in parts.items():
            changed = bytearray(content)
            if name.endswith(part):
                changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
            (folder / name).write_bytes(changed)
        db = Database.open(folder)
        there = [bool(records.find(db, bytes([200, number]) * 8)) for number in range(20)]
        assert there == sorted(there, reverse=True), "the first commits are there, the last may be lost"
        assert len(records.find(db, KEYS[0])) == 1
        outcomes.add(sum(there))
        db.check()
        db.close()
    assert outcomes == {20} if part == "-shm" else len(outcomes) > 5, "SQLite makes the -shm file anew"


def test_a_wal_cut_anywhere(
    filled: Path, tmp_path: Path, make_record: Callable[..., records.RecordRow]
) -> None:
    db = Database.open(filled)
    for number in range(6):
        with db.transaction() as tx:
            records.add(tx, make_record(bytes([200, number]) * 8))
    db.close()
    database, wal = (filled / "mlops.db").read_bytes(), (filled / "mlops.db-wal").read_bytes()
    seen = set()
    for length in range(0, len(wal), 1000):
        folder = tmp_path / f"wal-{length}"
        folder.mkdir()
        (folder / "mlops.db").write_bytes(database)
        (folder / "mlops.db-wal").write_bytes(wal[:length])
        db = Database.open(folder)
        there = [bool(records.find(db, bytes([200, number]) * 8)) for number in range(6)]
        assert there == sorted(there, reverse=True)
        seen.add(sum(there))
        db.check()
        db.close()
    assert seen >= {0, 1, 3, 5}


def test_a_new_database_does_not_count_removals_like_the_old_one(filled: Path) -> None:
    """A run that is answered from a snapshot trusts that count."""
    db = Database.open(filled)
    before = db.query("SELECT count FROM removals")
    db.close()
    _spoil(filled, _pages_of(filled, "records")[3])
    db = _open(filled)
    assert db.query("SELECT count FROM removals") != before
    db.close()


def test_nothing_to_save_is_said_so(state: Path) -> None:
    state.mkdir()
    (state / "mlops.db").write_bytes(b"garbage " * 1000)
    db = _open(state)
    assert db.salvaged == Salvaged()
    assert _counts(db)["runs"] == 0
    db.close()


def test_a_kill_between_the_old_and_the_new_file(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _spoil(filled, _pages_of(filled, "records")[3])

    def killed(path: str) -> str:
        aside.move_aside(path)
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("mlops_core.metadata.database.move_aside", killed)
        with pytest.raises(KeyboardInterrupt):
            _open(filled)
    assert not (filled / "mlops.db").exists()
    db = Database.open(filled)
    assert _counts(db)["runs"] == 40
    db.check()
    db.close()
    assert sorted(path.name for path in filled.glob("*.new*")) == []


def test_a_failure_while_the_new_file_is_made_leaves_the_old_one(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spoil(filled, _pages_of(filled, "records")[3])
    before = (filled / "mlops.db").read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "no space left")

    with monkeypatch.context() as broken:
        broken.setattr("mlops_core.metadata.database.publish", fail)
        with pytest.raises(OSError, match="no space left"):
            _open(filled)
    assert (filled / "mlops.db").read_bytes() == before
    assert sorted(path.name for path in filled.iterdir() if "tmp" in path.name or "new" in path.name) == []
    db = _open(filled)
    assert _counts(db)["runs"] == 40
    db.close()
