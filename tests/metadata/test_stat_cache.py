"""The file of remembered digests: written, shared between processes, damaged, not writable."""

import errno
import os
import subprocess
import sys
import threading
from contextlib import nullcontext
from pathlib import Path

import pytest

from mlops_core.metadata import stat_cache
from mlops_core.metadata.stat_cache import MappedStatCache

BIG_INODE = (5, 1, 2, 2**64 - 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "locks").mkdir()
    return tmp_path


def digest(number: int) -> bytes:
    return number.to_bytes(16, "big")


def flushed(folder: Path, *names: str) -> MappedStatCache:
    cache = MappedStatCache(folder)
    for name in names:
        cache.put(name, BIG_INODE, digest(len(name)), 99)
    cache.flush()
    return cache


def test_what_was_put_is_found_at_once_and_on_disk_after_a_flush(folder: Path) -> None:
    cache = MappedStatCache(folder)
    odd = os.fsdecode(b"caf\xe9")
    cache.put("/a", BIG_INODE, digest(1), 99)
    cache.put(odd, (1, 1, 1, 1), digest(2), 99)
    assert cache.get("/a", BIG_INODE) == digest(1)
    assert MappedStatCache(folder).get("/a", BIG_INODE) is None
    cache.flush()
    for other in (cache, MappedStatCache(folder)):
        assert other.get("/a", BIG_INODE) == digest(1)
        assert other.get(odd, (1, 1, 1, 1)) == digest(2)
        assert other.get("/a", (6, 1, 2, 3)) is None
        assert other.get("/b", BIG_INODE) is None


def test_it_flushes_itself_when_it_grows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stat_cache, "_BUFFER", 3)
    cache = MappedStatCache(folder)
    for number in range(3):
        cache.put(f"/{number}", BIG_INODE, digest(number), 1)
    assert MappedStatCache(folder).get("/1", BIG_INODE) == digest(1)


def test_nothing_is_written_without_news(folder: Path) -> None:
    cache = MappedStatCache(folder)
    assert cache.get("/a", BIG_INODE) is None
    cache.flush()
    assert not (folder / stat_cache.NAME).exists()


def test_two_holders_lose_nothing(folder: Path) -> None:
    one, other = flushed(folder, "/x"), MappedStatCache(folder)
    assert other.get("/x", BIG_INODE) == digest(2)
    one.put("/one", BIG_INODE, digest(1), 0)
    other.put("/other", BIG_INODE, digest(3), 0)
    one.flush()
    other.flush()
    again = MappedStatCache(folder)
    assert [again.get(path, BIG_INODE) for path in ("/x", "/one", "/other")] == [
        digest(2), digest(1), digest(3)
    ]  # fmt: skip


def test_one_change_is_written_in_place_and_seen_by_those_who_have_it_mapped(folder: Path) -> None:
    reader = flushed(folder, "/a", "/b2")
    inode = (folder / stat_cache.NAME).stat().st_ino
    flushed(folder, "/new")
    assert (folder / stat_cache.NAME).stat().st_ino == inode
    assert reader.get("/new", BIG_INODE) == digest(4)


def test_it_grows(folder: Path) -> None:
    for block in range(10):
        flushed(folder, *(f"/{block}/{number}" for number in range(300)))
    last = MappedStatCache(folder)
    assert all(last.get(f"/{b}/{n}", BIG_INODE) for b in range(10) for n in range(300))


@pytest.mark.parametrize("damage", [b"", b"mlopsSTA", b"\0" * 10_000])
def test_a_damaged_file_is_set_aside_and_begun_anew(folder: Path, damage: bytes) -> None:
    flushed(folder, "/a")
    (folder / stat_cache.NAME).write_bytes(damage)
    cache = MappedStatCache(folder)
    assert cache.get("/a", BIG_INODE) is None
    cache.put("/b", BIG_INODE, digest(1), 0)
    cache.flush()
    assert MappedStatCache(folder).get("/b", BIG_INODE) == digest(1)
    assert (folder / "damaged" / stat_cache.NAME).read_bytes() == damage


def test_a_state_that_may_not_be_written_keeps_it_in_memory(folder: Path) -> None:
    flushed(folder, "/a")
    cache = MappedStatCache(folder, readonly=True)
    cache.put("/b", BIG_INODE, digest(9), 0)
    cache.flush()
    assert (cache.get("/a", BIG_INODE), cache.get("/b", BIG_INODE)) == (digest(2), digest(9))
    assert MappedStatCache(folder).get("/b", BIG_INODE) is None


def test_several_threads(folder: Path) -> None:
    cache = MappedStatCache(folder)

    def work(own: int) -> None:
        for number in range(50):
            path = f"/{own}/{number}"
            cache.put(path, BIG_INODE, digest(number), 0)
            if number % 10 == 0:
                cache.flush()
            assert cache.get(path, BIG_INODE) == digest(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cache.flush()
    found = MappedStatCache(folder)
    assert all(found.get(f"/{o}/{n}", BIG_INODE) for o in range(4) for n in range(50))


_WRITER = """
import sys
from mlops_core.metadata.stat_cache import MappedStatCache

cache = MappedStatCache(sys.argv[1])
for number in range(40):
    cache.put(f"/{sys.argv[2]}/{number}", (5, 1, 2, 2**64 - 1), number.to_bytes(16, "big"), 0)
    if number % 8 == 0:
        cache.flush()
cache.flush()
"""


def test_several_processes_lose_nothing(folder: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", _WRITER, folder, str(own)]) for own in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    found = MappedStatCache(folder)
    assert all(found.get(f"/{o}/{n}", BIG_INODE) == digest(n) for o in range(3) for n in range(40))


@pytest.mark.parametrize("trouble", [errno.ENOSPC, errno.EDQUOT, errno.EIO])
@pytest.mark.parametrize("call", ["pwrite", "write_atomically"])
def test_a_disk_that_takes_nothing_keeps_it_for_later(
    folder: Path, call: str, trouble: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk costs nothing but hashing again; any other trouble is told."""
    cache = flushed(folder, "/a") if call == "pwrite" else MappedStatCache(folder)
    cache.put("/new", BIG_INODE, digest(7), 0)

    def fail(*_: object) -> None:
        raise OSError(trouble, "no")

    with monkeypatch.context() as broken:
        broken.setattr(os if call == "pwrite" else stat_cache, call, fail)
        with pytest.raises(OSError, match="no") if trouble == errno.EIO else nullcontext():
            cache.flush()
    assert cache.get("/new", BIG_INODE) == digest(7)
    cache.flush()
    assert MappedStatCache(folder).get("/new", BIG_INODE) == digest(7)


def test_what_is_discarded_is_hashed_again(folder: Path) -> None:
    cache = flushed(folder, "/a")
    cache.discard()
    assert cache.get("/a", BIG_INODE) is None
    assert not (folder / "stat-cache").exists()
    cache.discard()
    cache.put("/b", BIG_INODE, digest(1), 0)
    cache.flush()
    assert MappedStatCache(folder).get("/b", BIG_INODE) == digest(1)
