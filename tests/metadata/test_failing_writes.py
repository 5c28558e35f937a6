"""Every write of SQLite made to fail in turn: what was committed stays, the file stays sound."""

from collections.abc import Callable
from pathlib import Path

import pytest

# A limit on the size of files stands in for the full disk, a little higher each turn, so that each write of
# opening, of a transaction and of a checkpoint is the one that fails.
LIMITED = """
    import os, resource, signal, sys
    from mlops_core.errors import DiskFull
    from mlops_core.metadata import records
    from mlops_core.metadata.database import Database

    folder, journal = sys.argv[1:]
    if journal == "delete":
        import mlops_core.metadata.journal as journals
        journals.of_path = lambda _: type("Odd", (), {"shares_memory": False})
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    failures = done = 0
    kept = []
    where = os.path.join(folder, "state")

    def limit(size):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    for turn in range(60):
        limit(2048 + turn * 5000)
        key = turn.to_bytes(16, "big")
        try:
            db = Database.open(where)
            with db.transaction() as tx:
                records.add(tx, records.RecordRow(
                    0, key, key, "[" + " " * 9000 + "]", "{}", "l", "n", "p", "r", 1, 1.0, 1.0, "{}"
                ))
            kept.append(key)
            if turn % 3 == 0:
                db.checkpoint()
            db.close()
            done += 1
        except DiskFull:
            failures += 1
        limit(resource.RLIM_INFINITY)
        db = Database.open(where)
        db.check()
        assert [bool(records.find(db, one)) for one in kept] == [True] * len(kept)
        assert journal in {mode for (mode,) in db.query("PRAGMA journal_mode")}
        db.close()
    print(failures, done)
"""


@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_every_write_in_turn(tmp_path: Path, finished: Callable[..., str], journal: str) -> None:
    failures, done = map(int, finished(LIMITED, tmp_path, journal).split())
    assert failures > 5
    assert done > 5
