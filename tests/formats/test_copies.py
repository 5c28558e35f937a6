"""A copy that was handed out is used again only while it is what was stored."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_core.clock import Clock
from mlops_core.formats import copies
from mlops_core.formats.artifact import Artifact


class Later(Clock):
    """An hour from now."""

    def now(self) -> float:
        return super().now() + 3600


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """Where copies are handed out."""
    return tmp_path / "tmp" / "files"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The copies whose bytes were compared."""
    compared: list[str] = []
    honest = copies._holds

    def holds(place: str, *rest: Any) -> bool:
        compared.append(place)
        return honest(place, *rest)

    monkeypatch.setattr(copies, "_holds", holds)
    return compared


@pytest.fixture
def stored(shelf: Any, tmp_path: Path) -> Artifact:
    out = tmp_path / "out"
    (out / "sub").mkdir(parents=True)
    (out / "a.bin").write_bytes(bytes(range(256)) * 5000)
    (out / "sub" / "b.txt").write_text("text")
    (out / "link").symlink_to("sub/b.txt")
    artifact: Artifact = shelf.put(out, written=lambda path: True)
    return artifact


def _rewrite(place: Path) -> None:
    """Other bytes of the same length with the same times: only the ctime and the bytes themselves tell."""
    file = place / "a.bin"
    times = os.stat(file)
    file.chmod(0o644)
    file.write_bytes(bytes(reversed(range(256))) * 5000)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    file.chmod(0o444)


def _writable(place: Path) -> None:
    (place / "a.bin").chmod(0o644)


def _more(place: Path) -> None:
    place.chmod(0o755)
    (place / "more").touch()
    place.chmod(0o555)


def _less(place: Path) -> None:
    (place / "sub").chmod(0o755)
    (place / "sub" / "b.txt").unlink()
    (place / "sub").chmod(0o555)


def _elsewhere(place: Path) -> None:
    place.chmod(0o755)
    (place / "link").unlink()
    (place / "link").symlink_to("a.bin")
    place.chmod(0o555)


def _cut(place: Path) -> None:
    (place / "a.bin").chmod(0o644)
    os.truncate(place / "a.bin", 5)
    (place / "a.bin").chmod(0o444)


@pytest.mark.parametrize("noted", [False, True])
@pytest.mark.parametrize("change", [_rewrite, _writable, _more, _less, _elsewhere, _cut])
def test_a_changed_copy_is_never_handed_out(
    shelf: Any, stored: Artifact, used: Path, change: Callable[[Path], None], noted: bool
) -> None:
    place = shelf.take(stored, folder=used)
    if noted:
        with pytest.MonkeyPatch.context() as later:
            later.setattr(copies.is_unchanged, "__defaults__", (Later(),))
            assert shelf.take(stored, folder=used) == place
        assert (used / f"{stored.digest.hex()}.seen").exists()
    change(place)
    again = shelf.take(stored, folder=used)
    assert again == place
    assert (again / "a.bin").read_bytes() == bytes(range(256)) * 5000
    assert sorted(path.name for path in again.rglob("*")) == ["a.bin", "b.txt", "link", "sub"]
    assert os.readlink(again / "link") == "sub/b.txt"
    assert len(list((used.parent / "unused").iterdir())) == 1, "the changed one is kept aside"


def test_an_old_copy_is_read_once(
    shelf: Any, stored: Artifact, used: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.take(stored, folder=used)
    monkeypatch.setattr(copies.is_unchanged, "__defaults__", (Later(),))
    inode = os.stat(used / stored.digest.hex() / "out").st_ino
    for _ in range(3):
        assert os.stat(shelf.take(stored, folder=used)).st_ino == inode
    assert len(reads) == 1


def test_a_young_copy_is_read_every_time(shelf: Any, stored: Artifact, used: Path, reads: list[str]) -> None:
    shelf.take(stored, folder=used)
    for _ in range(3):
        shelf.take(stored, folder=used)
    assert len(reads) == 3
    assert not (used / f"{stored.digest.hex()}.seen").exists()


def test_a_copy_that_is_gone_is_made_again(shelf: Any, stored: Artifact, used: Path) -> None:
    place = shelf.take(stored, folder=used)
    for folder in (place, place / "sub"):
        folder.chmod(0o755)
    shutil.rmtree(place)
    assert (shelf.take(stored, folder=used) / "sub" / "b.txt").read_text() == "text"
