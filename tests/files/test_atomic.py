"""A file under its final name is always whole, whichever system call fails."""

import errno
import os
import stat
from pathlib import Path

import pytest

from mlops_core.files.atomic import set_aside, write_atomically
from mlops_core.files.layer import FileLayer
from mlops_core.files.signature import stat_signature


class FailingLayer(FileLayer):
    """The disk, but the call with this number raises (counted from 0 over all calls but close)."""

    def __init__(self, fails_at: int) -> None:
        self.calls: list[str] = []
        self.fails_at = fails_at

    def _count(self, name: str) -> None:
        self.calls.append(name)
        if len(self.calls) - 1 == self.fails_at:
            raise OSError(errno.ENOSPC, f"no space left ({name})")

    def create(self, path: str, mode: int = 0o600) -> int:
        self._count("create")
        return super().create(path, mode)

    def write(self, descriptor: int, pieces) -> None:  # type: ignore[no-untyped-def]
        self._count("write")
        super().write(descriptor, pieces)

    def sync(self, descriptor: int) -> None:
        self._count("sync")
        super().sync(descriptor)

    def rename(self, source: str, destination: str) -> None:
        self._count("rename")
        super().rename(source, destination)


def test_replaces_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_bytes(b"old and longer than the new")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["state"]


@pytest.mark.parametrize("old", [None, b"old"])
@pytest.mark.parametrize("fails_at", range(4))
def test_a_failure_anywhere_leaves_what_was_there(tmp_path: Path, fails_at: int, old: bytes | None) -> None:
    path = tmp_path / "state"
    if old is not None:
        path.write_bytes(old)
    layer = FailingLayer(fails_at)
    with pytest.raises(OSError, match="no space left"):
        write_atomically(path, b"new", layer=layer)
    assert len(layer.calls) == fails_at + 1
    assert os.listdir(tmp_path) == ([] if old is None else ["state"])
    assert old is None or path.read_bytes() == old


def test_bytes_are_synced_before_the_name_changes(tmp_path: Path) -> None:
    layer = FailingLayer(-1)
    write_atomically(tmp_path / "state", b"new", layer=layer)
    assert layer.calls == ["create", "write", "sync", "rename"]


def test_the_mode_is_the_one_asked_for(tmp_path: Path) -> None:
    write_atomically(tmp_path / "secret", b"key", mode=0o600)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_short_writes_are_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.writev
    monkeypatch.setattr(os, "writev", lambda fd, pieces: real(fd, [memoryview(pieces[0])[:3]]))
    pieces = [b"abcdefg", b"", memoryview(b"hijk"), b"l"]
    descriptor = FileLayer().create(os.fspath(tmp_path / "file"))
    FileLayer().write(descriptor, pieces)
    os.close(descriptor)
    assert (tmp_path / "file").read_bytes() == b"abcdefghijkl"


def test_more_pieces_than_one_call_takes(tmp_path: Path) -> None:
    descriptor = FileLayer().create(os.fspath(tmp_path / "file"))
    FileLayer().write(descriptor, [b"%04d" % i for i in range(3000)])
    os.close(descriptor)
    assert (tmp_path / "file").read_bytes() == b"".join(b"%04d" % i for i in range(3000))


def test_evidence_is_never_overwritten(tmp_path: Path) -> None:
    for content in (b"first", b"second", b"third"):
        (tmp_path / "x").write_bytes(content)
        set_aside(os.fspath(tmp_path / "x"), os.fspath(tmp_path / "damaged"))
    kept = {p.read_bytes() for p in (tmp_path / "damaged").iterdir()}
    assert kept == {b"first", b"second", b"third"}


def test_signature_sees_a_change_whose_mtime_was_restored(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"one")
    before = path.stat()
    other = tmp_path / "y"
    other.write_bytes(b"two")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    os.replace(other, path)
    assert path.stat().st_size == before.st_size
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert stat_signature(path.stat()) != stat_signature(before)
