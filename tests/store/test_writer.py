"""A batch is visible whole or not at all, whatever fails and whoever else writes."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_core.engine._hash import xxh3_128
from mlops_core.store import Store

ROOT = Path(__file__).parents[2]
BIG = [bytes([n]) * 5000 for n in range(3)]
SMALL = b"small"
#: The second is put together from the first and what is new.
GROWING = [bytes(range(256)) * 100, bytes(range(256)) * 100 + b"more" * 2000]


def fill(writer: Any) -> None:
    for data in (*BIG, *GROWING, SMALL):
        writer(xxh3_128(data), (memoryview(data)[:7], memoryview(data)[7:]))


def write(store: Store) -> Any:
    with store.writer() as writer:
        fill(writer)
        return writer.commit()


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder)) if folder.exists() else []


def calls_of_a_commit(tmp_path: Path, failing_layer: Any, index: Any) -> list[str]:
    layer = failing_layer()
    write(Store(tmp_path / "counted", index.copy(), layer=layer))
    return list(layer.calls)


def test_a_failure_at_any_call_leaves_nothing(tmp_path: Path, failing_layer: Any, index: Any) -> None:
    calls = calls_of_a_commit(tmp_path, failing_layer, index)
    assert calls.index("sync") < calls.index("rename") < calls.index("sync_folder")
    for number, name in enumerate(calls):
        folder = tmp_path / str(number)
        store = Store(folder, index, layer=failing_layer(number))
        with pytest.raises(OSError, match="no space left"):
            write(store)
        assert names(folder / "tmp") == []
        # Only when the folder's own sync fails is the file there: whole, but known to nobody.
        assert len(names(folder / "objects")) == (name == "sync_folder")
        assert index.cells == {}
        assert len(set(store.segments())) == 0 or not store.check(next(store.segments())).faults


def test_after_a_failure_the_next_batch_works(tmp_path: Path, failing_layer: Any, index: Any) -> None:
    calls = calls_of_a_commit(tmp_path, failing_layer, index)
    for number in range(len(calls)):
        store = Store(tmp_path / str(number), index, layer=failing_layer(number))
        with pytest.raises(OSError, match="no space left"):
            write(store)
        later = index.copy()
        later.record(write(store))
        contents = (*BIG, *GROWING, SMALL)
        digests = [xxh3_128(data) for data in contents]
        assert bytes(Store(tmp_path / str(number), later).buffer(digests)) == b"".join(contents)


def test_an_exception_in_the_block_aborts(tmp_path: Path, store: Store) -> None:
    def fail() -> None:
        with store.writer() as writer:
            fill(writer)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert names(tmp_path / "tmp") == names(tmp_path / "objects") == []


def test_a_writer_is_used_once(store: Store) -> None:
    with store.writer() as writer:
        fill(writer)
        writer.commit()
        with pytest.raises(RuntimeError):
            writer.commit()
        with pytest.raises(RuntimeError):
            fill(writer)


def test_an_empty_batch_writes_no_file(tmp_path: Path, store: Store) -> None:
    with store.writer() as writer:
        writer(xxh3_128(SMALL), (memoryview(SMALL),))
        written = writer.commit()
    assert (written.segment, written.cells) == (None, [])
    assert written.small == [(xxh3_128(SMALL), SMALL)]
    assert names(tmp_path / "objects") == []


def test_segment_files_cannot_be_written(tmp_path: Path, put: Callable[..., Any]) -> None:
    put(*BIG)
    (path,) = (tmp_path / "objects").iterdir()
    assert path.stat().st_mode & 0o222 == 0


def test_two_writers_of_one_content_end_with_one_file(tmp_path: Path, store: Store, index: Any) -> None:
    first, second = store.writer(), store.writer()
    fill(first)
    fill(second)
    one, two = first.commit(), second.commit()
    assert one == two
    first.release()
    second.release()
    assert names(tmp_path / "tmp") == []
    assert len(names(tmp_path / "objects")) == 1


WRITE = """
import sys
from mlops_core.engine._hash import xxh3_128
from mlops_core.store import Store
class Empty:
    find = staticmethod(lambda cells: {})
store = Store(sys.argv[1], Empty())
for round in range(30):
    with store.writer() as writer:
        for n in range(3):
            data = bytes([round, n]) * 4000
            writer(xxh3_128(data), (memoryview(data),))
        writer.commit()
"""


def test_two_processes_writing_the_same_cells(tmp_path: Path, store: Store) -> None:
    command = [sys.executable, "-c", WRITE, str(tmp_path)]
    processes = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[1] for process in processes] == [b"", b""]
    assert [process.returncode for process in processes] == [0, 0]
    segments = list(store.segments())
    assert len(segments) == 30
    assert [store.check(segment).faults for segment in segments] == [()] * 30
    assert names(tmp_path / "tmp") == []


def test_files_of_dead_writers_are_removed_and_of_living_ones_kept(
    tmp_path: Path, store: Store, index: Any
) -> None:
    living = store.writer()
    fill(living)
    dead = tmp_path / "tmp" / "1-0123456789ab.segment.tmp"
    dead.write_bytes(b"half a segm")
    foreign = tmp_path / "tmp" / "notes.txt"
    foreign.write_bytes(b"not ours")
    Store(tmp_path, index).writer()  # the next command's first
    assert not dead.exists()
    assert foreign.exists()
    assert living.commit().segment is not None


def test_a_killed_writer_leaves_nothing_that_counts(tmp_path: Path, store: Store) -> None:
    killed = WRITE.replace("writer.commit()", "import os; os.kill(os.getpid(), 9)")
    ended = subprocess.run([sys.executable, "-c", killed, str(tmp_path)], cwd=ROOT, check=False)
    assert ended.returncode == -9
    assert len(names(tmp_path / "tmp")) == 1
    assert names(tmp_path / "objects") == []
    store.writer()
    assert names(tmp_path / "tmp") == []


def test_golden_segment(tmp_path: Path, store: Store) -> None:
    """Changing this invalidates every user's cache."""
    start = b"".join(n.to_bytes(4, "little") for n in range(20_000))
    with store.writer() as writer:
        for data in (b"a" * 4096, b"b" * 5001, start, start + b"more" * 2000):
            writer(xxh3_128(data), (memoryview(data),))
        written = writer.commit()
    assert written.segment is not None
    assert written.segment.id == "3f93f97d61d25ff8fb4c8bc857cec139"
    assert [(row.offset, row.length, row.head, row.coding) for row in written.cells] == [
        (4096, 4096, 0, 0),
        (8192, 5001, 0, 0),
        (16_384, 80_000, 8_370_719_610_174_799_081, 0),
        (98_304, 10_176, 0, 0),
    ]
    (grown,) = written.grown
    assert [part.length for part in grown.parts] == [77_824, 10_176]
    path = tmp_path / "objects" / f"{written.segment.id}.segment"
    assert path.stat().st_size == 98_304 + 10_176 + 4 * 56 + (32 + 2 * 24) + 48
    assert path.read_bytes()[:16] == b"mlopsSEG" + bytes([1, 0, 0, 0]) + (4096).to_bytes(4, "little")
