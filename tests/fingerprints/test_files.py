"""Digests of files and folders, and when a remembered digest is trusted."""

import mmap
import os
import threading
from pathlib import Path

import pytest
import xxhash

from mlops_core.clock import Clock
from mlops_core.engine._scan import StatTable
from mlops_core.files.filesystems import FileSystem
from mlops_core.fingerprints import files, folders, volumes
from mlops_core.fingerprints.files import file_digest, path_digest

MINUTE = 60.0
Signature = tuple[int, int, int, int]


class Fixed(Clock):
    """Shows the times given, the last one for ever."""

    def __init__(self, *times: float) -> None:
        self.times = list(times)

    def now(self) -> float:
        return self.times.pop(0) if len(self.times) > 1 else self.times[0]


class Memory:
    """A stat cache in memory that counts what single files found."""

    def __init__(self) -> None:
        self.table = StatTable()
        self.hits = self.flushed = 0

    def get(self, path: str, signature: Signature) -> bytes | None:
        known = self.table.get(os.fsencode(path), signature)
        self.hits += known is not None
        return known

    def put(self, path: str, signature: Signature, digest: bytes, hashed_at_ns: int) -> None:
        self.table.put(os.fsencode(path), signature, digest)

    def flush(self) -> None:
        self.flushed += 1


@pytest.fixture(autouse=True)
def _reliable(monkeypatch: pytest.MonkeyPatch) -> None:
    set_reliable(monkeypatch, True)


def set_reliable(monkeypatch: pytest.MonkeyPatch, reliable: bool) -> None:
    for module in (files, folders):
        monkeypatch.setattr(module, "is_unreliable", lambda device: not reliable)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "a.bin"
    path.parent.mkdir()
    path.write_bytes(b"x" * 3_000_000 + b"end")
    return path


@pytest.fixture(params=["file", "folder"])
def target(request: pytest.FixtureRequest, file: Path) -> str:
    """The same file by itself and as the only one in a folder: one rule for both."""
    return str(file if request.param == "file" else file.parent)


def changed_at(path: Path) -> float:
    status = path.stat()
    return max(status.st_mtime_ns, status.st_ctime_ns) / 1e9


def test_golden_file_digest(file: Path) -> None:
    """Changing this invalidates every user's cache."""
    assert file_digest(str(file)) == xxhash.xxh3_128_digest(b"file/0\0" + file.read_bytes())


def test_golden_folder_digest(tmp_path: Path) -> None:
    """Changing this invalidates every user's cache."""
    (tmp_path / "a").write_bytes(b"1")
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "b").write_bytes(b"2")
    assert path_digest(str(tmp_path)).hex() == "0db4833b61050cf380ac89a53c3b88d6"


def test_a_young_file_is_not_remembered(file: Path, target: str) -> None:
    cache = Memory()
    path_digest(target, cache, Fixed(changed_at(file) + MINUTE - 1))
    assert cache.table.pending == 0


def test_an_old_file_is_remembered(file: Path, target: str) -> None:
    cache, clock = Memory(), Fixed(changed_at(file) + MINUTE + 1)
    first = path_digest(target, cache, clock)
    assert cache.table.pending == 1
    assert path_digest(target, cache, clock) == first
    assert file_digest(str(file), cache, clock) == file_digest(str(file))
    assert cache.hits >= 1  # what a folder found serves a file inside it, and the other way round


def test_a_clock_that_stepped_back_makes_nothing_trusted(file: Path, target: str) -> None:
    old, young = changed_at(file) + 3600, changed_at(file) - 3600
    for clock in (Fixed(young), Fixed(old, young), Fixed(young, old)):
        cache = Memory()
        path_digest(target, cache, clock)
        assert cache.table.pending == 0


def test_a_file_from_the_future_is_not_remembered(file: Path, target: str) -> None:
    cache = Memory()
    os.utime(file, (2**33, 2**33))
    path_digest(target, cache, Fixed(changed_at(file) - 1))
    assert cache.table.pending == 0


def test_a_changed_file_is_read_again_even_with_its_old_times(file: Path, target: str) -> None:
    cache, clock = Memory(), Fixed(changed_at(file) + MINUTE + 1)
    first, status = path_digest(target, cache, clock), file.stat()
    file.write_bytes(b"y" * 3_000_000 + b"end")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path_digest(target, cache, clock) != first
    assert cache.hits == 0


def test_a_file_renamed_over_is_read_again(file: Path, target: str) -> None:
    cache, clock = Memory(), Fixed(changed_at(file) + 3600)
    first, status = path_digest(target, cache, clock), file.stat()
    other = file.parent.parent / "other"
    other.write_bytes(b"z" * status.st_size)
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.rename(file)
    assert path_digest(target, cache, clock) != first


def test_a_page_written_twice_through_a_map_is_seen_while_the_file_is_young(file: Path, target: str) -> None:
    """The second write moves neither mtime nor ctime, so nothing of a young file may be remembered."""
    cache, clock = Memory(), Fixed(changed_at(file) + MINUTE / 2)
    with open(file, "r+b") as opened, mmap.mmap(opened.fileno(), 4096) as page:
        page[0] = 1
        first = path_digest(target, cache, clock)
        page[0] = 2
        assert path_digest(target, cache, clock) != first


def test_without_a_cache_everything_is_read(file: Path, target: str) -> None:
    cache, clock = Memory(), Fixed(changed_at(file) + 3600)
    status = file.stat()
    signature = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    cache.put(str(file), signature, b"w" * 16, 0)
    assert path_digest(target) == path_digest(target, Memory(), Fixed(0))
    assert path_digest(target, cache, clock) != path_digest(target)


@pytest.mark.parametrize("size", [1, files.SMALL - 1, files.SMALL])
def test_small_files_on_memory_and_network_are_always_read(
    file: Path, target: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_reliable(monkeypatch, False)
    file.write_bytes(b"1" * size)
    cache = Memory()
    path_digest(target, cache, Fixed(changed_at(file) + 3600))
    assert cache.table.pending == (size >= files.SMALL)


@pytest.mark.parametrize(
    ("kind", "unreliable"),
    [("tmpfs", True), ("nfs4", True), ("fuse.s3fs", True), ("fuseblk", False), ("ext4", False), ("", False)],
)
def test_which_file_systems_are_unreliable(
    kind: str, unreliable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(volumes, "_file_system", lambda device: FileSystem(kind))
    assert volumes.is_unreliable(1) is unreliable


def test_a_folder_in_memory_is_found_unreliable(monkeypatch: pytest.MonkeyPatch) -> None:
    if not os.path.ismount("/dev/shm"):
        pytest.skip("needs a tmpfs")
    assert volumes.is_unreliable(os.stat("/dev/shm").st_dev)


def tree(root: Path) -> Path:
    (root / "d" / "e").mkdir(parents=True)
    (root / "a").write_text("1")
    (root / "d" / "b").write_text("2")
    (root / "d" / "e" / "c").write_text("3")
    return root


def test_a_folder_is_its_names_and_contents(tmp_path: Path) -> None:
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    assert path_digest(str(one)) == path_digest(str(two))
    os.utime(two / "a", ns=(0, 0))
    assert path_digest(str(one)) == path_digest(str(two))
    (two / "d" / "e" / "c").write_text("4")
    assert path_digest(str(one)) != path_digest(str(two))


@pytest.mark.parametrize("change", ["renamed", "moved", "added", "empty folder"])
def test_names_count(tmp_path: Path, change: str) -> None:
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    if change == "renamed":
        (two / "a").rename(two / "aa")
    elif change == "moved":
        (two / "d" / "b").rename(two / "b")
    elif change == "added":
        (two / "d" / "new").write_text("")
    else:
        (two / "new").mkdir()
    assert path_digest(str(one)) != path_digest(str(two))


def test_the_state_folder_does_not_count(tmp_path: Path) -> None:
    root = tree(tmp_path / "one")
    before = path_digest(str(root))
    (root / ".mlops").mkdir()
    (root / ".mlops" / "mlops.db").write_text("state")
    (root / "d" / ".mlops").mkdir()
    assert path_digest(str(root)) == before


def test_links_count_by_what_they_point_to(tmp_path: Path) -> None:
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    (two / "a").unlink()
    (tmp_path / "elsewhere").write_text("1")
    (two / "a").symlink_to(tmp_path / "elsewhere")
    assert path_digest(str(one)) == path_digest(str(two))


def test_links_in_a_circle_and_to_nothing_end(tmp_path: Path) -> None:
    root = tree(tmp_path / "one")
    (root / "d" / "up").symlink_to(root)
    (root / "gone").symlink_to(tmp_path / "nothing")
    assert path_digest(str(root)) == path_digest(str(root))


def test_a_link_to_a_folder_is_that_folder(tmp_path: Path) -> None:
    root = tree(tmp_path / "one")
    (tmp_path / "link").symlink_to(root)
    assert path_digest(str(tmp_path / "link")) == path_digest(str(root))


def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert path_digest(str(tmp_path)) == path_digest(str(tmp_path))
    assert file_digest(str(tmp_path / "pipe")) == xxhash.xxh3_128_digest(b"special file/0\0")


def test_a_deep_tree(tmp_path: Path) -> None:
    path = tmp_path
    for _ in range(400):
        path = path / "d"
    path.mkdir(parents=True)
    (path / "f").write_text("1")
    assert len(path_digest(str(tmp_path))) == 16


def test_relative_paths_and_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    (two / "d" / "b").write_text("other")
    cache, clock = Memory(), Fixed(changed_at(two / "d" / "b") + 3600)
    found = []
    for root in (one, two):
        monkeypatch.chdir(root)
        found += [path_digest("d", cache, clock), file_digest("d/b", cache, clock)]
        assert found[-2:] == [path_digest(str(root / "d")), file_digest(str(root / "d" / "b"))]
    assert len(set(found)) == 4


def test_what_a_folder_found_is_written_when_it_is_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "_MANY", 3)
    root = tree(tmp_path / "one")
    cache = Memory()
    path_digest(str(root), cache, Fixed(changed_at(root / "a") + 3600))
    assert cache.flushed == 1


def test_a_folder_changing_while_it_is_read_is_read_or_refused(tmp_path: Path) -> None:
    """Whatever happens, the digest is one of a state that a file had, or an error; nothing is remembered."""
    root = tree(tmp_path / "one")
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            (root / "x").mkdir()
            (root / "x").rmdir()
            (root / "x").write_text("1")
            (root / "x").unlink()

    thread = threading.Thread(target=change)
    thread.start()
    without = path_digest(str(tree(tmp_path / "two")))
    (tmp_path / "two" / "x").mkdir()
    with_folder = path_digest(str(tmp_path / "two"))
    (tmp_path / "two" / "x").rmdir()
    possible = {without, with_folder}
    for content in ("", "1"):
        (tmp_path / "two" / "x").write_text(content)
        possible.add(path_digest(str(tmp_path / "two")))
    try:
        for _ in range(200):
            try:
                assert path_digest(str(root)) in possible
            except OSError as error:
                assert "keep becoming" in str(error)  # noqa: PT017 # an error is one of two right ways out
    finally:
        stop.set()
        thread.join()


def test_a_folder_that_never_keeps_still_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Restless:
        devices: frozenset[int] = frozenset()
        changed = True

        def __init__(self, path: bytes, left_out: bytes) -> None:
            pass

        def hash(self) -> int:
            return 0

    monkeypatch.setattr(folders, "Tree", Restless)
    with pytest.raises(OSError, match="keep becoming files") as caught:
        path_digest(str(tmp_path))
    assert caught.value.filename == str(tmp_path)


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        path_digest(str(tmp_path / "no"))
    with pytest.raises(FileNotFoundError):
        file_digest(str(tmp_path / "no"))
