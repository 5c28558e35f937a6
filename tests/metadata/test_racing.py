"""Two dozen processes on one database: each commit is there, none ever sees a lock."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops_core.metadata import runs, schema
from mlops_core.metadata.database import Database

PROCESSES, TURNS = 24, 8

# Waits until all are there, then opens (makes, migrates), writes, reads, checkpoints and closes.
RACER = """
    import sys
    from mlops_core.metadata import runs, schema, step_runs
    from mlops_core.metadata.database import Database
    from mlops_core.metadata.process import identity

    folder, number, turns, migrate = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    now = schema.current()
    wanted = None
    if migrate == "yes":
        wanted = now._replace(
            version=now.version + 1, steps={now.version: lambda db: db["runs"].add_column("host", str)}
        )
    print("ready", flush=True)
    sys.stdin.readline()
    for turn in range(turns):
        db = Database.open(folder, wanted=wanted)
        with db.transaction() as tx:
            id = f"{number}/{turn}"
            row = runs.RunRow(
                id, 0, "p", "t", "running", 1.0, None, "{}", None, None, None, "{}", identity()
            )
            given = runs.start(tx, row)
            for position in range(3):
                step_runs.add(tx, step_runs.StepRunRow(
                    id, position, "s", "s", "l", "ran", "r", "[]", None, None, 1, None, None, 1, None, "{}"
                ))
        assert runs.get(db, id).number == given
        assert len(step_runs.of_run(db, id)) == 3
        if turn % 3 == number % 3:
            db.checkpoint()
        with db.transaction() as tx:
            runs.finish(tx, id, "succeeded", 1.0)
        if turn % 2:
            db.close()
    print("done", flush=True)
"""


def _race(spawn: Callable[..., Any], folder: Path, migrate: str) -> None:
    racers = [spawn(RACER, folder, number, TURNS, migrate) for number in range(PROCESSES)]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n", racer.stderr.read()
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    for racer in racers:
        output, errors = racer.communicate(timeout=100)
        assert (racer.returncode, output) == (0, "done\n"), errors


def _check(db: Database) -> None:
    total, rows = runs.listing(db, limit=10_000)
    assert total == len(rows)
    assert [row.number for row in rows] == list(range(total, 0, -1))
    raced = {row.id for row in rows if "/" in row.id}
    assert raced == {f"{number}/{turn}" for number in range(PROCESSES) for turn in range(TURNS)}
    assert {row.status for row in rows if "/" in row.id} == {"succeeded"}
    assert db.query("SELECT count(*) FROM step_runs") == [(3 * PROCESSES * TURNS,)]
    assert db.query("PRAGMA journal_mode") == [("wal",)]
    assert db.query("PRAGMA integrity_check") == [("ok",)]


def test_on_a_new_database(state: Path, spawn: Callable[..., Any]) -> None:
    _race(spawn, state, "no")
    db = Database.open(state)
    _check(db)
    db.close()


def test_on_an_old_database(
    db: Database, state: Path, spawn: Callable[..., Any], make_run: Callable[..., runs.RunRow]
) -> None:
    with db.transaction() as tx:
        runs.start(tx, make_run("before"))
    db.close()
    _race(spawn, state, "yes")
    now = schema.current()
    migrated = Database.open(state, wanted=now._replace(version=now.version + 1))
    _check(migrated)
    assert [row.id for row in runs.listing(migrated, limit=10_000)[1]][-1] == "before"
    migrated.close()
