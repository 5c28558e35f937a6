"""Maps that the system refuses: a clear error, nothing left open, and the next load works."""

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import mlops_core
from mlops_core.store import Store, mapping

MIB = 1 << 20
# Loads a cell of 64 MiB where the addresses that may still be used do not suffice, then where they do.
LIMITED = """
import os, resource, sys
sys.path.insert(0, sys.argv[2])
from mlops_core.engine._hash import xxh3_128
from mlops_core.metadata.cells import SqliteCellIndex, add
from mlops_core.metadata.database import Database
from mlops_core.store import Store

db = Database.open(sys.argv[1])
store = Store(sys.argv[1], SqliteCellIndex(db))
data = os.urandom(64 << 20)
digest = xxh3_128(data)
with store.writer() as writer:
    writer(digest, (data,))
    with db.transaction() as tx:
        add(tx, writer.commit())
store.ensure([digest])
with open("/proc/self/statm") as file:
    used = int(file.read().split()[0]) * resource.getpagesize()
for load in (lambda: store.buffer([digest]), lambda: store.buffers([digest])[0],
             lambda: store.buffer([digest], writable=True)):
    resource.setrlimit(resource.RLIMIT_AS, (used + (32 << 20), resource.RLIM_INFINITY))
    opened = len(os.listdir("/proc/self/fd"))
    try:
        load()
    except MemoryError as error:
        print(error)
    assert len(os.listdir("/proc/self/fd")) == opened
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert bytes(load()) == data
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs /proc")
def test_no_addresses_left(tmp_path: Path) -> None:
    """The limit is real (RLIMIT_AS)."""
    source = str(Path(mlops_core.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path), source], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 3
    assert all("no room in memory for 64.0 MiB" in line for line in lines)


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EIO])
def test_another_refusal_stays_what_it_is(
    store: Store, put: Callable[..., list[bytes]], number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Injected."""
    (digest,) = put(os.urandom(MIB))

    def refuse(*_: object) -> None:
        raise OSError(number, "refused")

    opened = len(os.listdir("/proc/self/fd"))
    with monkeypatch.context() as broken:
        broken.setattr(mapping, "stitch", refuse)
        for load in (store.buffer, store.buffers):
            with pytest.raises(OSError, match="refused"):
                load([digest])
    assert len(os.listdir("/proc/self/fd")) == opened
    assert len(store.buffer([digest])) == MIB
