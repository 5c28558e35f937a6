"""kill -9 at any moment: what was committed is there, nothing half is."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops_core.metadata import runs
from mlops_core.metadata.database import Database

WRITER = """
    import sys
    from mlops_core.metadata import journal, records, runs
    from mlops_core.metadata.database import Database
    from mlops_core.metadata.process import identity

    folder, turn = sys.argv[1:]
    journal.CHECKPOINT_WHILE_OPEN = 200_000  # so that kills hit checkpoints, too
    print("ready", flush=True)
    db = Database.open(folder)
    for count in range(100_000):
        id = f"{turn}/{count}"
        with db.transaction() as tx:
            row = runs.RunRow(id, 0, "p", "t", "running", 1.0, None, "{}", None, None, None, "{}", identity())
            number = runs.start(tx, row)
            for part in range(20):
                key = number.to_bytes(16, "big")
                records.add(tx, records.RecordRow(
                    0, key, key, "[" + "0," * 200 + "0]", "{}", "l", "n", "p", id, number, 1.0, 1.0, "{}"
                ))
        print(id, flush=True)
"""
KILLS = 12


def test_kills_in_the_middle(state: Path, spawn: Callable[..., Any]) -> None:
    dice = random.Random(9)
    promised: set[str] = set()
    for turn in range(KILLS):
        writer = spawn(WRITER, state, turn)
        assert writer.stdout.readline() == "ready\n", writer.stderr.read()
        for _ in range(dice.choice([0, 0, 1, 5, 40])):
            promised.add(writer.stdout.readline().strip())
        writer.kill()
        output, _ = writer.communicate(timeout=30)
        promised.update(line for line in output.split("\n")[:-1] if line)
        _check(state, promised)
    assert len(promised) > KILLS


def _check(state: Path, promised: set[str]) -> None:
    db = Database.open(state)
    total, rows = runs.listing(db, limit=100_000)
    assert [row.number for row in rows] == list(range(total, 0, -1))
    assert promised <= {row.id for row in rows}
    halves = "SELECT count(*) AS n FROM records GROUP BY run_id HAVING n <> 20"
    assert db.query(halves) == []
    assert db.query("SELECT count(*) FROM records") == [(20 * total,)]
    assert db.query("PRAGMA integrity_check") == [("ok",)]
    assert runs.mark_interrupted(db) == sorted(r.number for r in rows if r.status == "running")
    db.close()


def test_a_kill_while_the_database_is_made(tmp_path: Path, spawn: Callable[..., Any]) -> None:
    """Stopped before each statement that makes the file, by a trace callback that kills its process."""
    script = """
        import os, signal, sys
        from mlops_core.metadata import connect, writer
        from mlops_core.metadata.database import Database
        left = int(sys.argv[2])
        plain = writer.open_writer
        def traced(path):
            connection = plain(path)
            def count(statement):
                global left
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            connection.set_trace_callback(count)
            return connection
        writer.open_writer = traced
        Database.open(sys.argv[1]).close()
    """
    survived = False
    for statements in [*range(12), 20, 40, 1000]:
        folder = tmp_path / str(statements)
        process = spawn(script, folder, statements)
        _, errors = process.communicate(timeout=30)
        survived = process.returncode == 0
        assert survived or process.returncode == -9, errors
        db = Database.open(folder)
        assert runs.listing(db) == (0, [])
        db.check()
        db.close()
    assert survived
