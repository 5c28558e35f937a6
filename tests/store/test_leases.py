"""What is in use is published, seen by upkeep alone, and ends with its holder, however that ends."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mlops_core
from mlops_core.engine._hash import xxh3_128
from mlops_core.locks.filelock import FileLock
from mlops_core.store import Store

SOURCE = os.path.dirname(next(iter(mlops_core.__path__)))
BIG = b"x" * 5000
HOLDER = """
import sys
from mlops_core.store.places import places
from mlops_core.store.leases import Lease
from mlops_core.files.layer import DISK
lease = Lease(places(sys.argv[1]), DISK)
with lease.publishing([b"a" * 16, b"b" * 16]):
    pass
print("ready", flush=True)
sys.stdin.read()
"""


def in_use(store: Store) -> set[bytes]:
    with store.upkeep().alone() as published:
        return published


def lists(folder: Path) -> list[Path]:
    return list((folder / "tmp").glob("*.lease"))


def test_a_lease_lasts_until_it_is_released(tmp_path: Path, store: Store) -> None:
    with store.lease() as lease:
        assert in_use(store) == set()
        for digest in (b"a" * 16, b"b" * 16, b"a" * 16):
            with lease.publishing([digest]):
                pass
        assert in_use(store) == {b"a" * 16, b"b" * 16}
        assert lists(tmp_path)[0].stat().st_size == 32
    assert in_use(store) == set()
    assert lists(tmp_path) == []
    lease.release()
    with lease.publishing([b"c" * 16]):
        assert lists(tmp_path) == []


def test_a_dropped_lease_releases_itself(tmp_path: Path, store: Store) -> None:
    lease = store.lease()
    with lease.publishing([b"a" * 16]):
        pass
    del lease
    assert lists(tmp_path) == []


def test_upkeep_and_who_is_looking_exclude_each_other(tmp_path: Path, store: Store) -> None:
    with store.lease() as lease:
        with lease.publishing([b"a" * 16]):
            assert not FileLock(tmp_path / "locks" / "reuse").acquire(wait=False)
            assert FileLock(tmp_path / "locks" / "reuse", shared=True).acquire(wait=False)
        with store.upkeep().alone() as published:
            assert published == {b"a" * 16}
            assert not FileLock(tmp_path / "locks" / "reuse", shared=True).acquire(wait=False)


def test_upkeep_waits_until_the_look_is_over(store: Store) -> None:
    seen: list[set[bytes]] = []
    thread = threading.Thread(target=lambda: seen.append(in_use(store)))
    with store.lease() as lease:
        with lease.publishing([b"a" * 16]):
            thread.start()
        thread.join()
        assert seen == [{b"a" * 16}]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_holder_holds_nothing(tmp_path: Path, store: Store, end: signal.Signals) -> None:
    store.writer()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": SOURCE},
    )  # fmt: skip
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        assert in_use(store) == {b"a" * 16, b"b" * 16}
        holder.send_signal(end)
        holder.wait()
    assert in_use(store) == set()
    assert lists(tmp_path) == []


def test_a_list_cut_in_a_digest_is_read_up_to_there(tmp_path: Path, store: Store) -> None:
    with store.lease() as lease, lease.publishing([b"a" * 16, b"b" * 16]):
        os.truncate(lists(tmp_path)[0], 20)
        assert store.upkeep().in_use() == {b"a" * 16}


def test_a_writer_leases_what_it_counts_on(store: Store, put: Callable[..., Any], index: Any) -> None:
    (digest,) = put(BIG)
    writer = store.writer()
    writer(digest, (memoryview(BIG),))
    assert in_use(store) == {digest}
    new = b"y" * 5000
    writer(xxh3_128(new), (memoryview(new),))
    written = writer.commit()
    assert [cell.digest for cell in written.cells] == [xxh3_128(new)]
    assert in_use(store) == {digest, bytes.fromhex(written.segment.id)}
    writer.release()
    assert in_use(store) == set()


def test_a_writer_that_aborts_leases_nothing(store: Store, put: Callable[..., Any]) -> None:
    (digest,) = put(BIG)
    with store.writer() as writer:
        writer(digest, (memoryview(BIG),))
    assert in_use(store) == set()


def test_a_cell_that_goes_just_before_it_is_leased_is_written(
    store: Store, put: Callable[..., Any], index: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (digest,) = put(BIG)
    writer = store.writer()
    looks: list[bool] = []
    knows = writer._stock.knows

    def removed_after_the_first_look(cell: bytes) -> bool:
        looks.append(knows(cell))
        index.cells.clear()
        return looks[-1]

    monkeypatch.setattr(writer._stock, "knows", removed_after_the_first_look)
    writer(digest, (memoryview(BIG),))
    assert looks == [True]
    assert [cell.digest for cell in writer.commit().cells] == [digest]
