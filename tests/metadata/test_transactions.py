"""Transactions: all or nothing, in threads, in parts, around forks."""

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mlops_core.errors import DamagedState, ReferenceNotFound
from mlops_core.metadata import journal, runs, step_runs
from mlops_core.metadata.database import Database
from mlops_core.metadata.runs import RunRow
from mlops_core.metadata.step_runs import StepRunRow

MakeRun = Callable[..., RunRow]


def _start_and_fail(db: Database, row: RunRow) -> None:
    with db.transaction() as tx:
        runs.start(tx, row)
        raise ZeroDivisionError


def test_a_block_that_raises_leaves_nothing(db: Database, make_run: MakeRun) -> None:
    with pytest.raises(ZeroDivisionError):
        _start_and_fail(db, make_run("a"))
    assert runs.listing(db) == (0, [])
    with db.transaction() as tx:
        assert runs.start(tx, make_run("b")) == 1


def test_reads_see_only_what_is_committed(db: Database, make_run: MakeRun) -> None:
    with db.transaction() as tx:
        runs.start(tx, make_run("a"))
        assert runs.get(db, 1) is None
    assert runs.get(db, 1) is not None


def test_a_part_can_fail_alone(db: Database, make_run: MakeRun) -> None:
    with db.transaction() as tx:
        runs.start(tx, make_run("a"))
        with pytest.raises(ZeroDivisionError):
            _start_and_fail(db, make_run("b"))
        with db.transaction() as part:
            assert runs.start(part, make_run("c")) == 2
    assert [row.id for row in runs.listing(db)[1]] == ["c", "a"]


def test_foreign_keys_hold(db: Database, make_step_run: Callable[..., StepRunRow]) -> None:
    with pytest.raises(sqlite3.IntegrityError), db.transaction() as tx:
        step_runs.add(tx, make_step_run("nobody"))


def test_threads_write_one_after_another(db: Database, make_run: MakeRun) -> None:
    def write(thread: int) -> None:
        for turn in range(20):
            with db.transaction() as tx:
                runs.start(tx, make_run(f"{thread}/{turn}"))
            runs.listing(db, limit=3)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total, rows = runs.listing(db, limit=1000)
    assert total == 160
    assert [row.number for row in rows] == list(range(160, 0, -1))


def test_a_forked_child_writes_on_its_own(db: Database, make_run: MakeRun) -> None:
    with db.transaction() as tx:
        runs.start(tx, make_run("parent"))
    assert db.writer.is_open
    child = os.fork()
    assert not db.writer.is_open
    if child == 0:
        status = 1
        try:
            with db.transaction() as tx:
                runs.start(tx, make_run("child"))
            status = 0 if runs.get(db, "parent") else 2
            db.close()
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with db.transaction() as tx:
        assert runs.start(tx, make_run("parent again")) == 3
    assert [row.id for row in runs.listing(db)[1]] == ["parent again", "child", "parent"]
    db.check()


def test_closing_leaves_a_short_wal_and_takes_up_a_long_one(
    state: Path, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = Database.open(state)
    with db.transaction() as tx:
        runs.start(tx, make_run("a"))
    db.close()
    assert journal.wal_size(db.path) > 0
    monkeypatch.setattr(journal, "CHECKPOINT_AT_CLOSE", 0)
    with db.transaction() as tx:
        runs.start(tx, make_run("b"))
    db.close()
    assert journal.wal_size(db.path) == 0
    again = Database.open(state)
    assert runs.listing(again)[0] == 2
    again.close()


def test_a_process_that_never_closes_takes_up_its_wal(
    db: Database, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "CHECKPOINT_WHILE_OPEN", 0)
    with db.transaction() as tx:
        runs.start(tx, make_run("a"))
    assert journal.wal_size(db.path) == 0


def test_sync_and_close_can_be_repeated(db: Database, make_run: MakeRun) -> None:
    db.sync()
    with db.transaction() as tx:
        runs.start(tx, make_run("a"))
    db.sync()
    db.close()
    db.close()
    assert runs.newest(db) is not None


def test_a_database_that_nobody_closed_is_closed_under_the_lock(
    state: Path, finished: Callable[..., str]
) -> None:
    script = """
        import sys
        from mlops_core.metadata.database import Database
        db = Database.open(sys.argv[1])
        with db.transaction() as tx:
            tx.execute("INSERT INTO code_parts VALUES (zeroblob(16), 'a', 'b', 'c')")
        if sys.argv[2] == "drop":
            del db
    """
    for how in ("drop", "exit"):
        finished(script.replace("zeroblob(16)", f"x'{how.encode().hex().ljust(32, '0')}'"), state, how)
    assert journal.wal_size(str(state / "mlops.db")) > 0, "it was checkpointed on the way out"
    db = Database.open(state)
    assert db.query("SELECT count(*) FROM code_parts") == [(2,)]
    db.close()


def test_finishing_what_is_not_there_or_damaged(db: Database, make_run: MakeRun) -> None:
    with pytest.raises(ReferenceNotFound), db.transaction() as tx:
        runs.finish(tx, "nobody", "failed", 1.0)
    with db.transaction() as tx:
        runs.start(tx, make_run("a"))
        tx.execute("UPDATE runs SET pipeline = 'other'")
    with pytest.raises(DamagedState), db.transaction() as tx:
        runs.finish(tx, "a", "failed", 1.0)


def test_a_full_disk_is_named_and_loses_nothing(state: Path, finished: Callable[..., str]) -> None:
    """The limit of a file's size stands for the full disk here; tests/contract has a real one."""
    script = """
        import resource, signal, sys
        from mlops_core.errors import DiskFull
        from mlops_core.metadata.database import Database
        db = Database.open(sys.argv[1])
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
        done = 0
        try:
            for number in range(1000):
                with db.transaction() as tx:
                    for part in range(4):
                        key = (4 * number + part).to_bytes(16, "big")
                        tx.execute("INSERT INTO small_cells VALUES (?, zeroblob(3000))", (key,))
                done += 1
        except DiskFull as error:
            assert error.exit_status == 4
            assert "disk" in error.hint, error
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        with db.transaction() as tx:
            tx.execute("INSERT INTO small_cells VALUES (x'ff00000000000000000000000000000f', x'00')")
        db.check()
        print(done, db.query("SELECT count(*) / 4 FROM small_cells")[0][0])
    """
    done, there = map(int, finished(script, state).split())
    assert 0 < done == there < 1000


def test_a_fork_waits_for_the_transaction_of_another_thread(db: Database, make_run: MakeRun) -> None:
    begun, proceed = threading.Event(), threading.Event()

    def write() -> None:
        with db.transaction() as tx:
            begun.set()
            assert proceed.wait(30)
            runs.start(tx, make_run("a"))

    thread = threading.Thread(target=write)
    thread.start()
    assert begun.wait(30)
    threading.Timer(0.05, proceed.set).start()
    child = os.fork()
    if child == 0:
        os._exit(0 if runs.get(db, "a") else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    thread.join()
