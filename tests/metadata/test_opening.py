"""Opening: what is made, what is refused, and what it must not cost."""

import errno
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_core.errors import DamagedState, NewerState, StateNotWritable
from mlops_core.files.filesystems import FileSystem
from mlops_core.metadata import runs, schema
from mlops_core.metadata.connect import open_reader, open_writer
from mlops_core.metadata.database import Database
from mlops_core.metadata.failures import explain


def _drop_rights() -> None:
    if os.geteuid() == 0:
        os.seteuid(65534)


def _protect(folder: Path) -> None:
    for place in [*folder.rglob("*"), folder]:
        place.chmod(0o555 if place.is_dir() else 0o444)


def test_a_new_folder_gets_a_database(state: Path) -> None:
    db = Database.open(state)
    assert runs.listing(db) == (0, [])
    assert (state / "mlops.db").exists()
    db.check()
    db.close()


def test_the_header_says_whose_file_it_is(db: Database) -> None:
    assert db.query("PRAGMA application_id") == [(schema.APPLICATION_ID,)]
    assert db.query("PRAGMA user_version") == [(schema.VERSION,)]
    assert db.query("PRAGMA journal_mode") == [("wal",)]


def test_all_tables_are_strict(db: Database) -> None:
    loose = db.query("SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict")
    assert {name for (name,) in loose} <= {"sqlite_schema", "sqlite_temp_schema", "sqlite_sequence"}


def test_opening_what_fits_loads_no_sqlite_utils_and_takes_no_lock(
    db: Database, state: Path, finished: Callable[..., str]
) -> None:
    db.close()
    script = """
        import sys
        from mlops_core.locks.filelock import FileLock
        from mlops_core.metadata.database import Database
        with FileLock(sys.argv[1] + "/locks/write"):
            db = Database.open(sys.argv[1])
            print(db.query("SELECT count(*) FROM runs"))
        heavy = {"sqlite_utils", "numpy", "pyarrow", "click", "inspect", "dataclasses", "shutil", "tempfile"}
        print(sorted(heavy & set(sys.modules)))
    """
    assert finished(script, state).splitlines() == ["[(0,)]", "[]"]


def test_a_newer_schema_is_refused_and_left_alone(db: Database, state: Path) -> None:
    db.close()
    with sqlite3.connect(state / "mlops.db") as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    before = (state / "mlops.db").read_bytes()
    for options in ({}, {"readonly": True}):
        with pytest.raises(NewerState) as caught:
            Database.open(state, **options)
        assert caught.value.exit_status == 2
        assert "mlops-embedded" in caught.value.hint
    with pytest.raises(NewerState):
        Database.open(state, rebuild=True)
    assert (state / "mlops.db").read_bytes() == before
    assert not (state / "damaged").exists()


def test_a_schema_migrated_under_an_open_database_stops_its_writes(db: Database, state: Path) -> None:
    with db.transaction() as tx:
        tx.execute("SELECT 1")
    with sqlite3.connect(state / "mlops.db") as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    with pytest.raises(NewerState), db.transaction():
        pytest.fail("a newer file was written")


def test_somebody_elses_file_is_refused(state: Path) -> None:
    state.mkdir()
    with sqlite3.connect(state / "mlops.db") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(DamagedState, match="not a database of this product"):
        Database.open(state)


def test_an_empty_file_is_filled(state: Path) -> None:
    state.mkdir()
    (state / "mlops.db").touch()
    db = Database.open(state)
    db.check()
    db.close()


def test_read_only_makes_nothing(state: Path) -> None:
    db = Database.open(state, readonly=True)
    assert runs.newest(db) is None
    with pytest.raises(StateNotWritable), db.transaction():
        pytest.fail("a read-only database gave a transaction")
    db.close()
    assert not state.exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateNotWritable, match="MLOPS_STATE_DIR") as caught:
        Database.open(tmp_path / "file" / ".mlops")
    assert caught.value.exit_status == 2


def test_a_folder_without_write_permission_is_named(unprivileged: Path) -> None:
    Database.open(unprivileged / "state").close()
    _protect(unprivileged)
    _drop_rights()
    with pytest.raises(StateNotWritable, match="MLOPS_STATE_DIR"):
        Database.open(unprivileged / "state")
    with pytest.raises(StateNotWritable):
        Database.open(unprivileged / "another")


@pytest.mark.parametrize("left", ["all", "no -shm", "no -wal"])
def test_a_copy_on_a_read_only_medium_can_be_read(
    unprivileged: Path, make_run: Callable[..., runs.RunRow], left: str
) -> None:
    folder = unprivileged / "state"
    db = Database.open(folder)
    with db.transaction() as tx:
        runs.start(tx, make_run("a"))
    if left == "no -wal":
        db.checkpoint()
    db.close()
    gone = {"all": (), "no -shm": ("-shm",), "no -wal": ("-shm", "-wal")}[left]
    for part in gone:
        (folder / f"mlops.db{part}").unlink(missing_ok=True)
    _protect(unprivileged)
    _drop_rights()
    reader = Database.open(folder, readonly=True)
    assert [row.id for row in runs.listing(reader)[1]] == ["a"]
    reader.close()


def test_an_older_schema_is_migrated_in_one_transaction(
    db: Database, state: Path, make_run: Callable[..., runs.RunRow]
) -> None:
    with db.transaction() as tx:
        runs.start(tx, make_run("a"))
    db.close()

    def half(database: object) -> None:
        database.execute("ALTER TABLE runs ADD COLUMN host TEXT")  # type: ignore[attr-defined]
        raise RuntimeError("stopped in the middle")

    def whole(database: object) -> None:
        database["runs"].add_column("host", str)  # type: ignore[index]

    now = schema.current()
    views = now.views.replace("seconds,\n", "seconds, host,\n", 1)
    newer = now._replace(version=now.version + 1, views=views)
    with pytest.raises(RuntimeError):
        Database.open(state, wanted=newer._replace(steps={now.version: half}))
    with pytest.raises(StateNotWritable, match="migrated"):
        Database.open(state, wanted=newer, readonly=True)
    migrated = Database.open(state, wanted=newer._replace(steps={now.version: whole}))
    assert migrated.query("PRAGMA user_version") == [(newer.version,)]
    assert migrated.query("SELECT run, run_id, host FROM v_runs") == [(1, "a", None)]
    migrated.close()
    with pytest.raises(NewerState):
        Database.open(state)


def test_a_file_that_was_replaced_is_noticed(
    db: Database, state: Path, make_run: Callable[..., runs.RunRow]
) -> None:
    with db.transaction() as tx:
        runs.start(tx, make_run("a"))
    for part in ("", "-wal", "-shm"):
        (state / f"mlops.db{part}").unlink()
    with db.transaction() as tx:
        assert runs.start(tx, make_run("b")) == 1
    assert [row.id for row in runs.listing(db)[1]] == ["b"]


@pytest.mark.parametrize("kind", ["nfs4", "9p", "fuse.sshfs", "vboxsf", "lustre"])
def test_a_network_file_system_gets_a_rollback_journal(
    db: Database,
    state: Path,
    make_run: Callable[..., runs.RunRow],
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The kind is injected: none of these can be mounted by a test."""
    assert db.query("PRAGMA journal_mode") == [("wal",)]
    db.close()
    monkeypatch.setattr("mlops_core.metadata.journal.of_path", lambda _: FileSystem(kind, "/mnt"))
    other = Database.open(state)
    with other.transaction() as tx:
        runs.start(tx, make_run("a"))
    assert other.query("PRAGMA journal_mode") == [("delete",)]
    assert [row.id for row in runs.listing(other)[1]] == ["a"]
    other.close()


def _no_maps(*_: object) -> bool:
    raise OSError(errno.ENODEV, "no maps")


@pytest.mark.parametrize("patch", ["mmap.mmap", "_see_each_other"])
def test_a_file_system_whose_maps_are_not_shared_gets_a_rollback_journal(
    state: Path, make_run: Callable[..., runs.RunRow], patch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Injected: the probe finds that maps are refused, or that they do not see each other's writes."""
    answer = _no_maps if patch == "mmap.mmap" else lambda _: False
    with monkeypatch.context() as broken:
        broken.setattr(f"mlops_core.files.probes.{patch}", answer)
        db = Database.open(state)
        with db.transaction() as tx:
            runs.start(tx, make_run("a"))
    assert db.query("PRAGMA journal_mode") == [("delete",)]
    db.close()


def test_locks_that_sqlite_cannot_take_are_named(tmp_path: Path) -> None:
    """Injected: the error that SQLite gives where fcntl locks are refused."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = 3850
    explained = explain(error, str(tmp_path / "mlops.db"))
    assert explained is not None
    assert "does not lock files" in explained.message
    assert "MLOPS_STATE_DIR" in explained.hint


def test_a_database_that_is_made_while_it_is_looked_at_is_not_taken_for_somebody_elses(
    tmp_path: Path,
) -> None:
    path = str(tmp_path / "mlops.db")
    maker = open_writer(path)
    maker.execute("PRAGMA journal_mode = WAL")
    reader = open_reader(path)

    def make(statement: str) -> None:
        if statement == "PRAGMA user_version":
            schema.create(maker, schema.current())

    reader.set_trace_callback(make)
    assert schema.judge(reader, path, schema.VERSION) == schema.EMPTY
    reader.set_trace_callback(None)
    assert schema.judge(reader, path, schema.VERSION) == schema.FITS
    maker.close()
    reader.close()
