"""Digests of files and folders, and when a remembered digest is trusted."""

import os
from pathlib import Path

import pytest
import xxhash

from mlops_core.clock import Clock
from mlops_core.fingerprints import files
from mlops_core.fingerprints.files import directory_listing_digest, file_digest, path_digest

MINUTE = 60.0
Entries = dict[str, tuple[tuple[int, ...], bytes]]


class Fixed(Clock):
    def __init__(self, now: float) -> None:
        self.at = now

    def now(self) -> float:
        return self.at


class Memory:
    """A stat cache that counts its hits."""

    def __init__(self) -> None:
        self.entries: Entries = {}
        self.hits = 0

    def get(self, path: str, signature: tuple[int, ...]) -> bytes | None:
        kept = self.entries.get(path)
        if kept is None or kept[0] != signature:
            return None
        self.hits += 1
        return kept[1]

    def put(self, path: str, signature: tuple[int, ...], digest: bytes, hashed_at_ns: int) -> None:
        self.entries[path] = (signature, digest)


@pytest.fixture(autouse=True)
def _reliable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "is_unreliable", lambda path, device: False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x" * 3_000_000 + b"end")
    return path


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


def test_a_young_file_is_not_remembered(file: Path) -> None:
    cache = Memory()
    file_digest(str(file), cache, Fixed(changed_at(file) + MINUTE - 1))
    assert cache.entries == {}


def test_an_old_file_is_remembered(file: Path) -> None:
    cache, clock = Memory(), Fixed(changed_at(file) + MINUTE + 1)
    first = file_digest(str(file), cache, clock)
    assert file_digest(str(file), cache, clock) == first
    assert cache.hits == 1


def test_a_clock_that_stepped_back_makes_nothing_trusted(file: Path) -> None:
    cache = Memory()
    file_digest(str(file), cache, Fixed(changed_at(file) - 3600))
    assert cache.entries == {}


def test_a_changed_file_is_read_again_even_with_its_old_times(file: Path) -> None:
    cache, clock = Memory(), Fixed(changed_at(file) + MINUTE + 1)
    first, status = file_digest(str(file), cache, clock), file.stat()
    file.write_bytes(b"y" * 3_000_000 + b"end")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert file_digest(str(file), cache, clock) != first
    assert cache.hits == 0


def test_without_a_cache_everything_is_read(file: Path) -> None:
    assert file_digest(str(file)) == file_digest(str(file), Memory(), Fixed(0))


def test_small_files_on_memory_and_network_are_always_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "is_unreliable", lambda path, device: True)
    small = tmp_path / "small"
    small.write_bytes(b"1")
    cache = Memory()
    file_digest(str(small), cache, Fixed(changed_at(small) + 3600))
    assert cache.entries == {}


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
    before = path_digest(str(root)), directory_listing_digest(str(root))
    (root / ".mlops").mkdir()
    (root / ".mlops" / "mlops.db").write_text("state")
    assert (path_digest(str(root)), directory_listing_digest(str(root))) == before


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


def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert path_digest(str(tmp_path)) == path_digest(str(tmp_path))


def test_a_deep_tree(tmp_path: Path) -> None:
    path = tmp_path
    for _ in range(400):
        path = path / "d"
    path.mkdir(parents=True)
    (path / "f").write_text("1")
    assert len(path_digest(str(tmp_path))) == 16


def test_one_stat_per_file_when_everything_is_remembered(tmp_path: Path) -> None:
    root = tree(tmp_path / "one")
    cache, clock = Memory(), Fixed(changed_at(root / "a") + 3600)
    first = path_digest(str(root), cache, clock)
    assert path_digest(str(root), cache, clock) == first
    assert cache.hits == 3


def test_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        path_digest(str(tmp_path / "no"))
    with pytest.raises(FileNotFoundError):
        file_digest(str(tmp_path / "no"))
